import { edgeAt, type TimeGrid } from '../../contract/grid.ts'
import type { Raster } from '../../contract/tensor.ts'

/** The magnitude that 99 % of a raster's values stay under, padding left out: a few dimensions would else take all the colour. */
export const contrastLimit = (raster: Raster, grid: TimeGrid | null, share = 0.99): number => {
  const [from, to] = raster.source.columns
  const end = grid ? edgeAt(grid, grid.valid) : Infinity
  const sizes: number[] = []
  for (let c = 0; c < raster.columns; c++) {
    const step = from + ((c + 0.5) / raster.columns) * (to - from)
    if (grid && edgeAt(grid, step) > end) continue
    for (let r = 0; r < raster.rows; r++) {
      const value = raster.data[r * raster.columns + c]!
      if (Number.isFinite(value)) sizes.push(Math.abs(value))
    }
  }
  if (sizes.length === 0) return 1
  const sorted = Float32Array.from(sizes).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]! || 1
}
