import { edgeAt, type TimeGrid } from '../contract/grid.ts'
import type { Run } from '../contract/run.ts'
import type { Range, Raster } from '../contract/tensor.ts'
import type { Heatmap, Panel } from './figure.ts'

/** What the five figures share: names, edges of rasters, colour ranges and grids of panels. */

/** Outer edges of the columns (or rows) that a raster shows, in seconds. */
export const edgesOf = (grid: TimeGrid, source: Range): Range => [edgeAt(grid, source[0]), edgeAt(grid, source[1])]

/** "whisper-tiny", "mine (untrained)" */
export const modelName = ({ model }: Run): string =>
  model.untrained && !model.id.includes('untrained') ? `${model.id} (untrained)` : model.id

/** The value that `share` of all finite values stay under, after `measure`; 0 where there is none. */
export const percentile = (rasters: readonly Raster[], share: number, measure: (value: number) => number): number => {
  const sizes: number[] = []
  for (const raster of rasters) for (const value of raster.data) if (Number.isFinite(value)) sizes.push(measure(value))
  const sorted = Float32Array.from(sizes).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

/** Least and greatest finite value of several rasters. */
export const extent = (rasters: readonly Raster[]): Range => {
  let [low, high] = [Infinity, -Infinity]
  for (const raster of rasters)
    for (const value of raster.data)
      if (Number.isFinite(value)) {
        if (value < low) low = value
        if (value > high) high = value
      }
  return high >= low ? [low, high] : [0, 1]
}

/** One log scale for all maps of a figure: three decades below the greatest weight, less where no weight is that small. */
export const weightScale = (rasters: readonly Raster[]): Heatmap['colour'] => {
  const [least, most] = extent(rasters)
  const high = most > 0 ? most : 1
  const low = Math.min(high / 1.01, Math.max(high / 1000, least))
  return { map: 'viridis', low, high, scale: 'log', unit: 'attention weight' }
}

const widest = 6

/** Rows of panels, each broken into lines of at most six of about the same length; the last line is filled up with nulls. */
export const panelGrid = (rows: Panel[][]): { columns: number; panels: (Panel | null)[] } => {
  const longest = Math.max(1, ...rows.map((row) => row.length))
  const columns = Math.ceil(longest / Math.ceil(longest / widest))
  const panels = rows.flatMap((row) => {
    const missing = Math.ceil(row.length / columns) * columns - row.length
    return [...row, ...Array<null>(missing).fill(null)]
  })
  return { columns, panels }
}
