import type { PatchGrid } from '../../contract/grid.ts'

/** AST's patches on its time columns: a token is special + columns · band + column. */

/**
 * Rows of token weights [row, token] → [row, column]: the sum over a column's bands, added to `into` times `share`. Special tokens
 * are left out: `specialWeight` says how much of the rows that is.
 */
export const foldKeys = (weights: Float32Array, grid: PatchGrid, into: Float32Array, share: number): void => {
  const columns = grid.time.count
  const tokens = grid.special + grid.bands * columns
  const rows = weights.length / tokens
  for (let row = 0; row < rows; row++) {
    const to = row * columns
    for (let band = 0; band < grid.bands; band++) {
      const from = row * tokens + grid.special + band * columns
      for (let column = 0; column < columns; column++) into[to + column]! += weights[from + column]! * share
    }
  }
}

/** Sum over all rows of the weight on special tokens. */
export const specialWeight = (weights: Float32Array, grid: PatchGrid): number => {
  const tokens = grid.special + grid.bands * grid.time.count
  let sum = 0
  for (let from = 0; from < weights.length; from += tokens)
    for (let i = 0; i < grid.special; i++) sum += weights[from + i]!
  return sum
}

/** Token rows [start, end) of every band that query columns [start, end) stand for, lowest band first. */
export const bandRows = (grid: PatchGrid, [start, end]: readonly [number, number]): [number, number][] =>
  Array.from({ length: grid.bands }, (_, band) => {
    const first = grid.special + band * grid.time.count
    return [first + start, first + end]
  })

/** [token, width] → [column, width]: the mean over a column's bands; special tokens have no place in time. */
export const foldStates = (tokens: Float32Array, grid: PatchGrid, width: number): Float32Array => {
  const columns = grid.time.count
  const folded = new Float32Array(columns * width)
  for (let band = 0; band < grid.bands; band++) {
    const from = (grid.special + band * columns) * width
    for (let i = 0; i < folded.length; i++) folded[i]! += tokens[from + i]! / grid.bands
  }
  return folded
}
