import type { Region } from '../../contract/recording.ts'
import type { Opened } from './audio.ts'
import { checkRegion, clipRange, readClip } from './clip.ts'

export const heardRate = 16_000

/** A stretch of a recording as the models hear it, mono at 16 kHz, with what stands around it. */
export interface Heard {
  samples: Float32Array
  /** number of the first of them, counted from the recording's start; below 0 where silence stands before it */
  first: number
  /** of the region itself: half-open, from the recording's start */
  region: [number, number]
}

/** Reads a region, and `before` and `after` samples more; what lies outside the recording is silence. Throws as `readClip` does. */
export const readHeard = async (
  { path, recording, overview }: Pick<Opened, 'path' | 'recording'> & { overview?: Opened['overview'] },
  region: Region,
  { before, after }: { before: number; after: number },
  signal?: AbortSignal,
): Promise<Heard> => {
  const inner = clipRange(recording, checkRegion(recording, region).region, heardRate)
  const first = inner[0] - before
  const from = Math.max(0, first)
  const to = Math.min(recording.seconds, (inner[1] + after) / heardRate)
  const clip = await readClip(path, recording, [from / heardRate, to], heardRate, signal, 'auto', overview)
  const samples = new Float32Array(inner[1] + after - first)
  samples.set(clip.samples.subarray(0, samples.length - (from - first)), from - first)
  return { samples, first, region: inner }
}
