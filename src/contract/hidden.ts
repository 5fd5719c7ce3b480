import { z } from 'zod'
import type { TimeGrid } from './grid.ts'

/** Questions about one hidden state's dimensions, and about all layers of a stack (docs/layers.md). */

const tapOfRun = {
  run: z.string(),
  /** encoder.hidden.<i> or decoder.hidden.<i> */
  tap: z.string(),
}

/** by their index; by their variance, the greatest first; so that those that vary alike lie beside each other */
export const DimensionOrder = z.enum(['index', 'variance', 'similarity'])
export type DimensionOrder = z.output<typeof DimensionOrder>

export const DimensionOrderQuery = z.object({ ...tapOfRun, order: DimensionOrder.exclude(['index']) })

export const DimensionQuery = z.object({ ...tapOfRun, dimension: z.number().int().nonnegative() })

/** One dimension over the whole run. AST's bands are averaged into its columns, special tokens left out. */
export interface DimensionCurve {
  /** of every step, padding included */
  values: Float32Array
  /** where the steps lie in seconds; null for decoder taps (tokens) */
  grid: TimeGrid | null
  /** how many steps count, from the first: those on audio; every token */
  valid: number
  /** steps where it is greatest, the greatest first, and least, the least first: peaks of steps that count */
  highest: number[]
  lowest: number[]
  /** two peaks of a kind are at least so many steps from each other */
  apart: number
  /** mean and standard deviation over the steps that count */
  mean: number
  deviation: number
}

const side = z.enum(['encoder', 'decoder'])

export const LayerSizesQuery = z.object({ run: z.string(), side })

/** How large the hidden states of a stack are: padding and special tokens left out. */
export interface LayerSizes {
  /** root mean square of each one's values */
  rms: Float32Array
}

export const SimilarityQuery = z.object({
  run: z.string(),
  side,
  measure: z.enum(['cka', 'cosine']),
  /** a run to compare with: the same model's over another recording, or another model's over the same; itself where it is left out */
  with: z.string().optional(),
})
export type SimilarityMeasure = z.output<typeof SimilarityQuery>['measure']

/** How alike the hidden states of a stack's layers are, with each other or with another run's. Padding and special tokens are left out. */
export interface LayerSimilarity {
  measure: SimilarityMeasure
  /**
   * [hidden state, hidden state of the other]: 0 … 1 (CKA) or −1 … 1 (cosine); NaN where a layer is the same at every step.
   * Symmetric where a run is compared with itself.
   */
  values: Float32Array
  /** hidden states of the stack, what enters the first layer among them, and of the other's */
  states: number
  otherStates: number
  /** what was compared, and how many: AST's patches each count (in seconds: its columns), the others' steps or tokens */
  samples: { kind: 'steps' | 'patches' | 'tokens'; count: number }
  /** how a run's steps were paired with the other's: by number from each region's start, or in seconds by nearest centre */
  paired: 'self' | 'number' | 'seconds'
  /** dimensions of a state, and of the other's */
  width: number
  otherWidth: number
}

export const TrajectoryQuery = z.object({
  run: z.string(),
  side,
  layer: z.number().int().nonnegative(),
  /** a run of the same model whose states are laid into this run's plane */
  with: z.string().optional(),
})

/** A layer's hidden states in the plane in which this clip's vary most (PCA). Padding is left out; AST's bands are averaged into columns. */
export interface Trajectory {
  /** the first two principal components, each with a value for every step that is not padding */
  points: [Float32Array, Float32Array]
  /** each component's share of the variance, 0 … 1 */
  explained: [number, number]
  /** where the steps lie in seconds; null for decoders (tokens) */
  grid: TimeGrid | null
  /** dimensions of a state */
  width: number
  /** the other run's states in the same plane: its mean and directions are this run's alone */
  other: { points: [Float32Array, Float32Array]; grid: TimeGrid | null } | null
}
