import { z } from 'zod'
import { HeardBy } from './heard-by.ts'
import { RegionInput } from './run.ts'

/** How a spectrogram of the sound itself is made, and asked for. */

export const windowSizes = [256, 512, 1024, 2048, 4096, 8192] as const
export const windowShapes = ['hann', 'hamming', 'blackman', 'kaiser'] as const
export type WindowShape = (typeof windowShapes)[number]
/** rows evenly spaced in Hz, in octaves, or in mel */
export const frequencyScales = ['linear', 'log', 'mel'] as const
export type FrequencyScale = (typeof frequencyScales)[number]

export const Stft = z.object({
  /** of the window and of the transform, in samples */
  size: z.literal(windowSizes).default(1024),
  /** in samples, from one frame to the next */
  hop: z.number().int().min(8).max(8192).default(256),
  window: z.enum(windowShapes).default('hann'),
  scale: z.enum(frequencyScales).default('linear'),
})
export type Stft = z.output<typeof Stft>

const Pixels = z.number().int().min(1).max(4096)
const shown = {
  recording: z.string(),
  heardBy: HeardBy.optional(),
  /** frequencies shown, in Hz; all unless given */
  hertz: z.tuple([z.number().nonnegative(), z.number().positive()]).optional(),
  height: Pixels,
  stft: Stft.prefault({}),
}

export const SpectrogramQuery = z.object({ ...shown, range: RegionInput, width: Pixels })

/** Columns of a tile, whatever its level. */
export const tileColumns = 256

/**
 * A tile of a fixed grid: a column of level L pools 2^L frames, tile t has the columns from 256 · t on. Tiles of a level join without a
 * seam, and those of level L + 1 pool two columns of level L.
 */
export const SpectrogramTileQuery = z.object({
  ...shown,
  level: z.number().int().min(0).max(24),
  tile: z.number().int().nonnegative(),
  /** seconds whose tiles are asked for one after the other: compressed sound is decoded once for all of them */
  around: RegionInput.optional(),
})
