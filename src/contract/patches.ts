import { z } from 'zod'
import type { PatchGrid, Tiling, TimeGrid } from './grid.ts'
import { LayerHeads } from './heads.ts'

/** Attention of one token of a patch grid, in time and frequency (docs/patches.md). */

export const AttentionPatchesQuery = z.object({
  run: z.string(),
  /** encoder.attention.<l> of a model that hears patches */
  tap: z.string(),
  /** a list is averaged, as `mean` is over all heads */
  heads: LayerHeads,
  /** the special token or the patch whose row is looked at */
  query: z.union([
    z.object({ token: z.number().int().nonnegative() }),
    z.object({ band: z.number().int().nonnegative(), column: z.number().int().nonnegative() }),
  ]),
})
export type PatchesQuery = z.output<typeof AttentionPatchesQuery>['query']

/** What a row gives to every patch and special token: with `max` the greatest of all heads, so that they sum to more than 1. */
export interface PatchWeights {
  /** [band, column], the lowest band first */
  values: Float32Array
  /** share of the whole weight on each special token; mean over heads */
  special: number[]
  /** share of the whole weight on patches centred on padding; mean over heads */
  padding: number
}

export interface AttentionPatches extends PatchWeights {
  grid: PatchGrid
  /** the mel bins that a band covers, and the frames that a column covers */
  bins: Tiling
  frames: Tiling
  features: TimeGrid
  /** centre frequency in Hz of every mel bin of the features, lowest first */
  hertz: Float32Array
}

/** What a special token is called. The first is the class token by convention: a mapped model's graph does not say. */
export const specialName = (token: number, special: number): string => {
  if (token === 0) return 'class token'
  return token === 1 && special === 2 ? 'distillation token' : `special token ${token}`
}
