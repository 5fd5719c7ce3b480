import { statSync } from 'node:fs'
import type { FileAnswer } from '../../contract/file-answer.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Peaks, Recording, Region } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import { peaksOfEnvelope, startColumns } from '../../signal/peaks.ts'
import type { Opened } from './audio.ts'
import type { KnownCoarse } from './coarse.ts'
import { createFollower, type Follower, type FollowerOptions } from './follower.ts'
import { hashFile } from './content-hash.ts'
import { mono } from '../../signal/mono.ts'
import { openRecording, type KnownRecordings, type OpenOptions } from './open.ts'
import { soundFile } from './sound-file.ts'
import { createSoundCache } from './sound-cache.ts'
import { createSpectrograms, type Spectrograms } from './spectrograms.ts'

/** Sound that can be seen and heard. */
export interface Sounding {
  peaks(id: string, range: Region, columns: number, signal?: AbortSignal): Promise<Peaks>
  spectrograms: Spectrograms
  /** the region at the native rate with all channels, in blocks of at most 65 536 frames: copy what you keep or change */
  region(id: string, region: Region, signal?: AbortSignal): SoundRegion
  /** a 16-bit WAV file of the same */
  audio(id: string, region: Region, signal?: AbortSignal): Promise<FileAnswer>
}

/**
 * The recordings that are open in this process and their decoded sound, kept under a memory budget. Every answer is made in
 * slices, so the event loop is never held for longer than about a frame. Unknown ids throw EngineError `not-found`.
 */
export interface Sounds extends Follower, Sounding {
  /** checks and reads the file (open.ts); the same content opened twice stays one recording, under its latest path */
  open(path: string, options?: Omit<OpenOptions, 'known' | 'coarse'>): Promise<Recording>
  /** of a file's bytes: read only where the system says that they may have changed */
  hash(path: string, signal?: AbortSignal): Promise<string>
  list(): Recording[]
  /** of the files of all that are open */
  paths(): string[]
  /** the opened recording with its path */
  opened(id: string): Opened
  /** false where it was not open */
  close(id: string): boolean
}

export interface SoundRegion {
  recording: Recording
  /** of the recording, half-open */
  frames: Range
  blocks: AsyncIterable<Float32Array[]>
}

const defaultBudget = 256 * 2 ** 20

/** Columns narrower than this many buckets of the overview are measured on the samples themselves. */
const bucketsPerColumn = 4

/** What is written of a WAV file at a time. */
const framesPerSlice = 65_536

/** The same sound in blocks of at most `frames`; they share the memory of those given. */
async function* slices(blocks: AsyncIterable<Float32Array[]>, frames: number): AsyncGenerator<Float32Array[]> {
  for await (const block of blocks)
    for (let at = 0; at < (block[0]?.length ?? 0); at += frames)
      yield block.map((samples) => samples.subarray(at, at + frames))
}

/** Frames that a range of seconds touches, within the recording; never empty. */
const framesOf = (recording: Recording, range: Region): Range => {
  const start = Math.min(recording.frames - 1, Math.max(0, Math.floor(range[0] * recording.rate)))
  return [start, Math.max(start + 1, Math.min(recording.frames, Math.ceil(range[1] * recording.rate)))]
}

export interface SoundsOptions extends FollowerOptions {
  /** decoded samples kept, least recently used dropped first */
  budgetBytes?: number
  /** recordings that were opened before */
  known?: KnownRecordings
  /** spectrograms of recordings that were opened before */
  coarse?: KnownCoarse
}

export const createSounds = (options: SoundsOptions = {}): Sounds => {
  const all = new Map<string, Opened>()
  const cache = createSoundCache(options.budgetBytes ?? defaultBudget, async (id) => {
    await follower.check(id)
    return all.get(id)
  })
  const follower = createFollower(all, options)
  const opened = (id: string): Opened => {
    const found = all.get(id)
    if (!found) throw new EngineError('not-found', `no recording ${id} is open; open its file again`)
    return found
  }
  const regionOf = (id: string, region: Region, signal?: AbortSignal): SoundRegion => {
    const { recording, path } = opened(id)
    const frames: Range = [
      Math.min(recording.frames, Math.round(region[0] * recording.rate)),
      Math.min(recording.frames, Math.round(region[1] * recording.rate)),
    ]
    return { recording, frames, blocks: slices(cache.blocks(path, recording, frames, signal), framesPerSlice) }
  }
  return {
    ...follower,
    opened,
    open: async (path, openOptions) => {
      const fresh = await openRecording(path, { ...openOptions, known: options.known, coarse: options.coarse })
      all.set(fresh.recording.id, fresh)
      return fresh.recording
    },
    hash: async (path, signal) => {
      const known = options.known?.fileHash(path)
      if (known) return known
      const hash = await hashFile(path, statSync(path).size, signal)
      options.known?.rememberFileHash(path, hash)
      return hash
    },
    list: () => [...all.values()].map(({ recording }) => recording),
    paths: () => [...all.values()].map(({ path }) => path),
    close: (id) => {
      cache.drop(id)
      return all.delete(id)
    },
    peaks: async (id, range, columns, signal) => {
      const { recording, path, overview } = opened(id)
      const frames: Range = [range[0] * recording.rate, range[1] * recording.rate]
      const perColumn = (frames[1] - frames[0]) / columns
      if (perColumn >= bucketsPerColumn * overview.framesPerBucket)
        return { range, ...peaksOfEnvelope(overview, overview.framesPerBucket, frames, columns) }
      const touched = framesOf(recording, range)
      const building = startColumns(frames, columns)
      let at = touched[0]
      for await (const block of slices(cache.blocks(path, recording, touched, signal, touched, true), framesPerSlice)) {
        building.add(mono(block), at)
        at += block[0]?.length ?? 0
      }
      return { range, ...building.finish() }
    },
    spectrograms: createSpectrograms(
      (id) => opened(id).recording,
      (recording, frames, around, signal) =>
        slices(cache.blocks(opened(recording.id).path, recording, frames, signal, around, true), framesPerSlice),
      options.coarse,
    ),
    region: regionOf,
    audio: (id, region, signal) => soundFile(regionOf(id, region, signal), signal),
  }
}
