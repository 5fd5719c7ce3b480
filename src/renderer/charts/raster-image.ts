import type { ImageOf } from '../../figures/chart-option.ts'
import type { Raster } from '../../contract/tensor.ts'
import { paint } from '../../figures/paint.ts'

/** Painted rasters, kept as long as their raster is: panning, zooming and resizing only stretch them. */
const painted = new WeakMap<Raster, { key: string; canvas: HTMLCanvasElement }>()

export const rasterImage: ImageOf = (raster, colour, flipped) => {
  const key = `${colour.map} ${colour.low} ${colour.high} ${colour.scale} ${flipped}`
  const known = painted.get(raster)
  if (known?.key === key) return known.canvas
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, raster.columns)
  canvas.height = Math.max(1, raster.rows)
  const pixels = new ImageData(paint(raster, colour, flipped), canvas.width, canvas.height)
  canvas.getContext('2d')?.putImageData(pixels, 0, 0)
  painted.set(raster, { key, canvas })
  return canvas
}
