import { edgeAt, type Tiling, type TimeGrid } from '../../../contract/grid.ts'
import type { Range, Raster } from '../../../contract/tensor.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import { stretchOf, type Scale } from '../../timeline/geometry.ts'
import { drawPicture, pictureOf } from '../picture.ts'
import { binAt } from './mel-rows.ts'

/** Cells a patch covers along one axis, half-open. */
export const covered = ({ first, step, size }: Tiling, i: number): Range => [first + step * i, first + step * i + size]

/** Weights [bin, frame] as a raster of `rows` pixels, lowest first: every pixel has the weight of the bin in its middle. */
export const pixelRows = (laid: Float32Array, frames: number, edges: Float64Array, rows: number): Raster => {
  const data = new Float32Array(rows * frames).fill(NaN)
  for (let row = 0; row < rows; row++) {
    const bin = binAt(edges, (row + 0.5) / rows)
    if (bin >= 0) data.set(laid.subarray(bin * frames, (bin + 1) * frames), row * frames)
  }
  return { rows, columns: frames, data, source: { rows: [0, rows], columns: [0, frames] }, low: NaN, high: NaN }
}

export const drawPatches = (
  context: CanvasRenderingContext2D,
  scale: Scale,
  { raster, colour, features, height }: { raster: Raster; colour: ColourScale; features: TimeGrid; height: number },
): void => {
  const box = stretchOf(scale, [edgeAt(features, 0), edgeAt(features, features.count)])
  drawPicture(context, pictureOf(raster, colour), { ...box, top: 0, height }, true)
}

/** Mint between two dark lines: it is seen on every colour of the map. */
export const outline = (
  context: CanvasRenderingContext2D,
  scale: Scale,
  { seconds, heights, height }: { seconds: Range; heights: Range; height: number },
): void => {
  const { left, width } = stretchOf(scale, seconds)
  const [top, bottom] = [height * (1 - heights[1]), height * (1 - heights[0])]
  for (const [line, colour] of [
    [4, '#000000c0'],
    [2, '#7ff0c4'],
  ] as const) {
    context.lineWidth = line
    context.strokeStyle = colour
    context.strokeRect(left + 1, top + 1, Math.max(2, width - 2), Math.max(2, bottom - top - 2))
  }
}
