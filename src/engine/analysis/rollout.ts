import type { Pace } from '../pace.ts'

/**
 * Attention rollout (Abnar and Zuidema 2020; docs/weights.md): R_l = Â_l R_{l−1} with Â = ½ A + ½ I, A the mean over the heads of a layer and R_{−1}
 * = I. Row q says how much of what entered the first layer at k is in what leaves layer l at q, if values and layers mixed as weights do.
 */

/** [rows, inner] × [inner, columns]; the inference process has a fast one. */
export type MatrixProduct = (rows: Float32Array, matrix: Float32Array, inner: number) => Promise<Float32Array>

/** About this many multiply-adds are done before others are heard: some 20 ms. */
const blockProducts = 2 ** 28

/** One layer more: `mean` [step, step] over its heads, `before` the rollout of the layer below, or null. Both are left as they are. */
export const rolledOut = async (
  mean: Float32Array,
  before: Float32Array | null,
  product: MatrixProduct,
  pace: Pace,
): Promise<Float32Array> => {
  const steps = Math.round(Math.sqrt(mean.length))
  const result = new Float32Array(mean.length)
  const block = Math.max(1, Math.floor(blockProducts / steps ** 2))
  for (let first = 0; first < steps; first += block) {
    await pace()
    const part = mean.subarray(first * steps, Math.min(steps, first + block) * steps)
    result.set(before ? await product(part, before, steps) : part, first * steps)
  }
  for (let row = 0; row < steps; row++) mixIn(result, before, row, steps)
  return result
}

/** ½ of the row, ½ of what the layer hands on, scaled so that rounding does not add up over the layers. */
const mixIn = (result: Float32Array, before: Float32Array | null, row: number, steps: number): void => {
  const from = row * steps
  let sum = 0
  for (let i = from; i < from + steps; i++) {
    const own = before ? before[i]! : i - from === row ? 1 : 0
    result[i] = 0.5 * result[i]! + 0.5 * own
    sum += result[i]!
  }
  for (let i = from; i < from + steps; i++) result[i]! /= sum
}
