/**
 * Value-weighted attention (docs/weights.md): of key k's value v_k, projected by the part W_h of the output projection that head h has,
 * u = v_k W_h is what the key adds to a query, times the weight α. Kobayashi et al. (2020) measure it by its norm, ‖α u‖.
 */

/** Lengths and scalar products of the projected values of every key. */
export interface ValueProducts {
  heads: number
  /** [head, key]: ‖u‖ */
  norms: Float32Array
  /** [pair, key]: ⟨u_g, u_h⟩ of heads g ≤ h, the pairs in the order (0,0) (0,1) … (0,h) (1,1) … */
  pairs: Float32Array
}

/** `projected`: of each head [key, width] for keys from `first` on; written into `into`, which counts all `keys`. */
export const addProducts = (projected: Float32Array[], width: number, into: ValueProducts, first: number): void => {
  const keys = into.norms.length / into.heads
  const count = (projected[0]?.length ?? 0) / width
  let pair = 0
  for (let g = 0; g < into.heads; g++)
    for (let h = g; h < into.heads; h++, pair++)
      for (let k = 0; k < count; k++) {
        const product = dot(projected[g]!, projected[h]!, k * width, width)
        into.pairs[pair * keys + first + k] = product
        if (g === h) into.norms[g * keys + first + k] = Math.sqrt(product)
      }
}

const dot = (a: Float32Array, b: Float32Array, from: number, width: number): number => {
  let sum = 0
  for (let i = from; i < from + width; i++) sum += a[i]! * b[i]!
  return sum
}

/** Rows of one head's weights [row, key] → α ‖u‖, each row scaled so that it sums to 1. */
export const headShares = (weights: Float32Array, head: number, { norms, heads }: ValueProducts): Float32Array => {
  const keys = norms.length / heads
  const result = new Float32Array(weights.length)
  for (let from = 0; from < weights.length; from += keys)
    for (let k = 0; k < keys; k++) result[from + k] = weights[from + k]! * norms[head * keys + k]!
  return toShares(result, keys)
}

/** Rows of all heads' weights, [row, key] each → ‖Σ_h α_h u_h‖, each row scaled so that it sums to 1: what one head adds another may take away. */
export const jointShares = (weights: Float32Array[], { pairs, heads, norms }: ValueProducts): Float32Array => {
  const keys = norms.length / heads
  const result = new Float32Array(weights[0]?.length ?? 0)
  const squares = new Float64Array(keys)
  for (let from = 0; from < result.length; from += keys) {
    squares.fill(0)
    let pair = 0
    for (let g = 0; g < heads; g++)
      for (let h = g; h < heads; h++, pair++) addPair(squares, weights[g]!, weights[h]!, from, pairs, pair, g === h)
    // what cancels out may come out a little below 0
    for (let k = 0; k < keys; k++) result[from + k] = Math.sqrt(Math.max(0, squares[k]!))
  }
  return toShares(result, keys)
}

const addPair = (
  squares: Float64Array,
  a: Float32Array,
  b: Float32Array,
  from: number,
  pairs: Float32Array,
  pair: number,
  isSame: boolean,
): void => {
  const keys = squares.length
  const at = pair * keys
  const factor = isSame ? 1 : 2
  for (let k = 0; k < keys; k++) squares[k]! += factor * a[from + k]! * b[from + k]! * pairs[at + k]!
}

/** Scales rows of `width` values so that each sums to 1; a row of zeros stays. */
export const toShares = (rows: Float32Array, width: number): Float32Array => {
  for (let from = 0; from < rows.length; from += width) {
    let sum = 0
    for (let i = from; i < from + width; i++) sum += rows[i]!
    if (sum > 0) for (let i = from; i < from + width; i++) rows[i]! /= sum
  }
  return rows
}
