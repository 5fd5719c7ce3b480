import type { FileAnswer, SpectrogramMap } from '../../contract/engine.ts'
import type { Peaks, Recording, Region } from '../../contract/recording.ts'
import type { Opened } from './audio.ts'

/**
 * The recordings that are open in this process and their decoded sound, kept under a memory budget. Every answer is made in
 * slices, so the event loop is never held for longer than about a frame. Unknown ids throw EngineError `not-found`.
 */
export interface Sounds {
  /** checks and reads the file (open.ts); the same content opened twice stays one recording, under its latest path */
  open(path: string, options?: { name?: string; sample?: boolean; signal?: AbortSignal }): Promise<Recording>
  list(): Recording[]
  /** the opened recording with its path */
  opened(id: string): Opened
  /** false where it was not open */
  close(id: string): boolean
  peaks(id: string, range: Region, columns: number, signal?: AbortSignal): Promise<Peaks>
  spectrogram(id: string, range: Region, width: number, height: number, signal?: AbortSignal): Promise<SpectrogramMap>
  /** a 16-bit WAV file of the region at the native rate with all channels */
  audio(id: string, region: Region, signal?: AbortSignal): Promise<FileAnswer>
}

/** `budgetBytes`: decoded samples kept, least recently used dropped first. */
export const createSounds = (_options: { budgetBytes?: number } = {}): Sounds => {
  throw new Error('being written')
}
