import type { Raster } from '../contract/tensor.ts'
import { colourTable } from './colour-maps.ts'
import type { ColourScale } from './figure.ts'

/**
 * A raster as RGBA pixels, row 0 first; with `flipped` the last row comes first. Values outside the scale get its end
 * colours; NaN is transparent.
 */
export const paint = (raster: Raster, colour: ColourScale, flipped = false): Uint8ClampedArray<ArrayBuffer> => {
  const { rows, columns, data } = raster
  const pixels = new Uint8ClampedArray(rows * columns * 4)
  const target = new Uint32Array(pixels.buffer)
  const table = new Uint32Array(colourTable(colour.map).slice().buffer)
  const share = sharer(colour)
  for (let r = 0; r < rows; r++) {
    const from = r * columns
    const to = (flipped ? rows - 1 - r : r) * columns
    for (let c = 0; c < columns; c++) {
      const value = data[from + c]!
      if (value === value) target[to + c] = table[Math.round(255 * share(value))]!
    }
  }
  return pixels
}

/** Where a value lies on the scale, 0 … 1, with everything that does not depend on the value worked out before. */
const sharer = ({ low, high, scale }: ColourScale): ((value: number) => number) => {
  if (!(high > low)) return () => 0
  if (scale === 'linear') {
    const factor = 1 / (high - low)
    return (value) => Math.min(1, Math.max(0, (value - low) * factor))
  }
  const least = Math.log(low)
  const factor = 1 / (Math.log(high) - least)
  return (value) => (value <= low ? 0 : Math.min(1, (Math.log(value) - least) * factor))
}
