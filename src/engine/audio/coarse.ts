import type { Stft } from '../../contract/spectrogram.ts'
import type { Range, Raster } from '../../contract/tensor.ts'
import { createCoarse, poolCoarse, type Coarse } from '../../signal/coarse-spectrogram.ts'
import { defaultStft, type FrequencyRows } from '../../signal/stft.ts'

/** Where coarse spectrograms are kept: the store. */
export interface KnownCoarse {
  putCoarse(recording: string, coarse: Coarse): void
  findCoarse(recording: string): Pick<Coarse, 'hop' | 'frames'> | null
  coarseChunk(recording: string, number: number): Uint8Array | null
}

/** A shorter recording is always transformed anew: 44 s at 48 kHz. */
const leastFrames = 512

/** Hands blocks on and makes a coarse spectrogram of what passes; `keep` when all has. */
export const hearCoarse = (known: KnownCoarse | undefined) => {
  const builder = createCoarse()
  async function* through(blocks: AsyncIterable<Float32Array[]>): AsyncGenerator<Float32Array[]> {
    for await (const block of blocks) {
      builder.push(block)
      yield block
    }
  }
  return {
    through: (blocks: AsyncIterable<Float32Array[]>): AsyncIterable<Float32Array[]> =>
      known ? through(blocks) : blocks,
    keep: (recording: string): void => {
      const coarse = builder.finish()
      if (coarse.frames >= leastFrames) known?.putCoarse(recording, coarse)
    },
  }
}

export interface CoarsePicture {
  raster: Raster
  /** one frame of the picture's in so many is shown */
  oneIn: number
}

/** Columns from a recording's coarse spectrogram; null where it has none, or they want finer ones or another window. */
export const coarsePicture = (
  known: KnownCoarse | undefined,
  recording: string,
  { size, window, hop }: Stft,
  columns: Range[],
  rows: FrequencyRows,
): CoarsePicture | null => {
  if (size !== defaultStft.size || window !== defaultStft.window) return null
  // the last of several may be cut off by the recording's end
  const whole = columns.length > 1 ? columns.slice(0, -1) : columns
  const narrowest = Math.min(...whole.map(([start, end]) => end - start))
  const coarse = known?.findCoarse(recording)
  // two of its frames a column at least; up to there columns are made of all their own
  if (!known || !coarse || narrowest * hop < 2 * coarse.hop) return null
  let held: { number: number; bytes: Uint8Array } | null = null
  const chunk = (number: number): Uint8Array => {
    if (held?.number !== number) held = { number, bytes: known.coarseChunk(recording, number) ?? new Uint8Array(0) }
    return held.bytes
  }
  return { raster: poolCoarse(coarse, chunk, columns, hop, rows), oneIn: coarse.hop / hop }
}
