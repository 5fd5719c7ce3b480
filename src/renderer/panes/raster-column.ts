import { stepAt, type TimeGrid } from '../../contract/grid.ts'
import type { Raster } from '../../contract/tensor.ts'

/** The raster's values, lowest row first, in the column that shows the step of a moment; NaN where it shows none. */
export const valuesAt = (raster: Raster, grid: TimeGrid, seconds: number): Float32Array => {
  const [from, to] = raster.source.columns
  const c = Math.floor(((stepAt(grid, seconds) - from) / Math.max(1, to - from)) * raster.columns)
  const isShown = c >= 0 && c < raster.columns
  return Float32Array.from({ length: raster.rows }, (_, r) => (isShown ? raster.data[r * raster.columns + c]! : NaN))
}
