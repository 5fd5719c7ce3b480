import type { TimeGrid } from '../../../contract/grid.ts'
import type { Raster } from '../../../contract/tensor.ts'

/**
 * How far from its own moment a head looks: the mean over rows of Σ w·|key − query| ÷ Σ w in seconds, rows and keys on padding
 * left out. The raster must be pooled by mean; its cells set how finely the distance is known.
 */
export const meanDistance = (raster: Raster, queries: TimeGrid, keys: TimeGrid): number | null => {
  const at = (i: number, n: number, [from, to]: readonly [number, number]): number =>
    from + ((i + 0.5) / n) * (to - from) - 0.5
  let total = 0
  let rows = 0
  for (let r = 0; r < raster.rows; r++) {
    const query = at(r, raster.rows, raster.source.rows)
    if (query >= queries.valid) continue
    let weights = 0
    let distances = 0
    for (let c = 0; c < raster.columns; c++) {
      const key = at(c, raster.columns, raster.source.columns)
      const weight = raster.data[r * raster.columns + c]!
      if (key >= keys.valid || !Number.isFinite(weight)) continue
      weights += weight
      distances += weight * Math.abs(keys.start + key * keys.step - (queries.start + query * queries.step))
    }
    if (weights > 0) {
      total += distances / weights
      rows++
    }
  }
  return rows > 0 ? total / rows : null
}
