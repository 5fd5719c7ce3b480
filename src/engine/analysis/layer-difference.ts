import { linearCka } from './layer-similarity.ts'
import type { RowProducts } from './gram.ts'

/** Σ|a − b| ÷ ½ Σ(|a| + |b|) over all values: 0 where the two are equal, 2 where one is the other's negative, or 0. Of nothing but zeros: 0. */
export const relativeDifference = (a: Float32Array, b: Float32Array): number => {
  let [apart, size] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    apart += Math.abs(a[i]! - b[i]!)
    size += Math.abs(a[i]!) + Math.abs(b[i]!)
  }
  return size > 0 ? (2 * apart) / size : 0
}

/** 1 − linear CKA of two matrices [step, width] of the same steps; NaN where one is the same at every step. */
export const unlikeness = async (
  a: Float32Array,
  b: Float32Array,
  width: number,
  products: RowProducts,
  pace: () => Promise<void>,
): Promise<number> => {
  const values = await linearCka({ matrices: [a, b], width }, products, pace)
  return 1 - values[1]!
}
