import type { Range } from '../../contract/tensor.ts'
import { medianFilter } from './median-filter.ts'
import { warp } from './time-warp.ts'

/**
 * Times of tokens from cross-attention, after docs/words.md: transformers 5, whisper/generation_whisper.py, `_extract_token_timestamps`,
 * which follows openai-whisper's timing.py.
 */

/** Adds heads one after another; `weights` [row, step] of one head. */
export const alignmentMatrix = (steps: number, filterWidth: number) => {
  let total: Float64Array | undefined
  let heads = 0
  return {
    add: (weights: Float32Array): void => {
      const smooth = medianFilter(standardised(weights, steps), steps, filterWidth)
      heads++
      if (total) for (let i = 0; i < smooth.length; i++) total[i]! += smooth[i]!
      else total = smooth
    },
    /** the mean over the heads: how much more each row looks at a step than the others do */
    mean: (): Float64Array => (total ?? new Float64Array(0)).map((value) => value / heads),
  }
}

/** Each step's weights over the rows, to a mean of 0 and a standard deviation of 1; 0 where all rows look at it alike. */
const standardised = (weights: Float32Array, steps: number): Float64Array => {
  const rows = weights.length / steps
  const values = new Float64Array(weights.length)
  for (let step = 0; step < steps; step++) {
    let [sum, squares] = [0, 0]
    for (let i = step; i < weights.length; i += steps) sum += weights[i]!
    const mean = sum / rows
    for (let i = step; i < weights.length; i += steps) squares += (weights[i]! - mean) ** 2
    const deviation = Math.sqrt(squares / rows)
    if (deviation > 0) for (let i = step; i < weights.length; i += steps) values[i] = (weights[i]! - mean) / deviation
  }
  return values
}

/** The stretch of steps [start, end) of each row: it lasts until the next one is entered, the last until the end. */
export const rowStretches = (matrix: Float64Array, steps: number): Range[] => {
  const rows = matrix.length / steps
  const starts = warp(
    matrix.map((value) => -value),
    rows,
    steps,
  )
  return Array.from(starts, (start, row): Range => [start, starts[row + 1] ?? steps])
}

/** Which rows of a sequence are warped, and which of them tells when a token is said: the one that reads it, or the one before. */
interface TokenRows {
  /** half-open, within the sequence */
  rows: Range
  /** row of token p is p − lag */
  lag: 0 | 1
}

/**
 * The rows that tell when the tokens after the prompt are said; an end token's own row is left out. Without a prompt nothing tells when
 * a first token that is written was said.
 */
export const tokenRows = (prompt: number, ended: boolean, count: number, rows: 'read' | 'written'): TokenRows => {
  const lag = rows === 'written' ? 1 : 0
  const stop = ended ? count - 1 : count
  return { rows: [Math.min(Math.max(0, prompt - lag), stop), stop], lag }
}
