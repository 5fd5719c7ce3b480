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

export const LayerSizesQuery = z.object({ run: z.string(), side: z.enum(['encoder', 'decoder']) })

/** How large the hidden states of a stack are: padding and special tokens left out. */
export interface LayerSizes {
  /** root mean square of each one's values */
  rms: Float32Array
}
