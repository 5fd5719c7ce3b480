import { z } from 'zod'
import { query, stream } from './contract.ts'
import type { TimeGrid } from './grid.ts'
import { RegionInput } from './run.ts'
import { Stft } from './spectrogram.ts'
import type { Range, Raster } from './tensor.ts'

/**
 * What may be asked of two recordings, or of two runs of one model, beside each other (docs/compare.md). A and B are laid over each other
 * by `offset`: a moment of B less the same moment of A, in seconds. Differences are A − B, of whole steps, before anything is pooled.
 */

const Pixels = z.number().int().min(1).max(4096)
const Steps = z.tuple([z.number().int().nonnegative(), z.number().int().positive()])

const Clip = z.object({ recording: z.string(), region: RegionInput })
export type Clip = z.output<typeof Clip>

const offset = z.number()
const size = { width: Pixels, height: Pixels }
/** run ids */
const runs = { a: z.string(), b: z.string(), offset }

export const OnsetQuery = z.object({ clips: z.array(Clip).min(1).max(4) })

export const SpectrogramDifferenceQuery = z.object({
  a: Clip,
  b: Clip,
  offset,
  /** what is visible, in seconds of B */
  range: RegionInput,
  /** frequencies shown, in Hz; all unless given */
  hertz: z.tuple([z.number().nonnegative(), z.number().positive()]).optional(),
  stft: Stft.prefault({}),
  ...size,
})

export const FeaturesDifferenceQuery = z.object({ ...runs, range: RegionInput, ...size })

export const HiddenDifferenceQuery = z.object({
  ...runs,
  tap: z.string(),
  /** what is visible, in seconds of B; null for tokens, and for all there is */
  range: RegionInput.nullable(),
  dimensions: Steps,
  ...size,
})

export const AttentionDifferenceQuery = z.object({
  ...runs,
  tap: z.string(),
  /** one map: the mean or the greatest of all heads, or one head */
  head: z.union([z.literal('mean'), z.literal('max'), z.number().int().nonnegative()]),
  /** steps of A (AST: columns), or tokens; null for all */
  queries: Steps.nullable(),
  keys: Steps.nullable(),
  ...size,
})

export const LayerDifferencesQuery = z.object({ ...runs, side: z.enum(['encoder', 'decoder']) })

/** How much two sequences share: both on audio, their nearest steps within half a step of each other; tokens by position. */
export interface Common {
  /** of A, half-open */
  steps: Range
  /** of B, the partners of the first and of the last of them, half-open */
  partners: Range
}

/** rows: frequencies or dimensions, lowest first; columns: steps of A. NaN where B has no partner. */
export interface DifferenceMap {
  raster: Raster
  /** where A's steps lie in seconds of B; null for tokens */
  grid: TimeGrid | null
  common: Common
}

export interface SpectrumDifference extends DifferenceMap {
  grid: TimeGrid
  /** centre frequency in Hz of every source row */
  hertz: Float32Array
  unit: 'dB' | 'log10 mel, normalised' | 'log mel, normalised'
  title: string
}

/** rows: queries of A from the top down; columns: its keys. NaN where B has no partner of either. */
export interface AttentionDifference {
  raster: Raster
  /** where A's queries and keys lie in seconds of B; null where they are tokens */
  queryGrid: TimeGrid | null
  keyGrid: TimeGrid | null
  queries: Common
  keys: Common
  /** how many first tokens are the same in both; null where rows are steps */
  sameTokens: number | null
}

export interface LayerDifference {
  /** hidden state: 0 enters the first layer */
  layer: number
  /** 1 − linear CKA over the common steps: 0 where one is a rotation and scaling of the other; NaN for a layer that is the same at every step */
  unlike: number
  /** Σ|a − b| ÷ ½ Σ(|a| + |b|): 0 where they are equal, 2 at most */
  difference: number
}

export interface LayerDifferences {
  layers: LayerDifference[]
  /** common steps (AST: columns, the mean of their bands), or tokens by position */
  steps: number
  width: number
}

/** layers */
export interface CompareProgress {
  done: number
  total: number
}

export const compare = {
  /** seconds of each clip's first onset; null where none stands out */
  'compare.onsets': query<(number | null)[]>()(OnsetQuery),
  /** of the sound itself, mono at 16 kHz, as the models hear it */
  'compare.spectrogram': query<SpectrumDifference>()(SpectrogramDifferenceQuery),
  'compare.features': query<SpectrumDifference>()(FeaturesDifferenceQuery),
  'compare.hidden': query<DifferenceMap>()(HiddenDifferenceQuery),
  'compare.attention': query<AttentionDifference>()(AttentionDifferenceQuery),
  'compare.layers': stream<CompareProgress, LayerDifferences>()(LayerDifferencesQuery),
}
