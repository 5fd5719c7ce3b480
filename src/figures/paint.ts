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
  const entryOf = entries(colour)
  for (let r = 0; r < rows; r++) {
    const from = r * columns
    const to = (flipped ? rows - 1 - r : r) * columns
    for (let c = 0; c < columns; c++) {
      const value = data[from + c]!
      if (value === value) target[to + c] = table[entryOf(value)]!
    }
  }
  return pixels
}

/** The table's entry for a value, 0 … 255, with everything that does not depend on the value worked out before. */
const entries = ({ low, high, scale }: ColourScale): ((value: number) => number) => {
  if (!(high > low)) return () => 0
  if (scale === 'linear') {
    const factor = 255 / (high - low)
    return (value) => (value <= low ? 0 : value >= high ? 255 : ((value - low) * factor + 0.5) | 0)
  }
  const least = Math.log(low)
  const factor = 255 / (Math.log(high) - least)
  return (value) => (value <= low ? 0 : value >= high ? 255 : ((Math.log(value) - least) * factor + 0.5) | 0)
}
