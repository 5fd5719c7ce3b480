import type { Range, Raster } from '../../contract/tensor.ts'
import type { ColourScale } from '../../figures/figure.ts'
import { rasterImage } from '../charts/raster-image.ts'

/** The painted raster, row 0 first. */
export const pictureOf = (raster: Raster, colour: ColourScale): HTMLCanvasElement =>
  rasterImage(raster, colour, false) as HTMLCanvasElement

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** Draws a picture into `box`, cells sharp-edged; `flipped` puts row 0 at the bottom. */
export const drawPicture = (
  context: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  box: Box,
  flipped: boolean,
): void => {
  context.save()
  context.imageSmoothingEnabled = false
  context.translate(box.left, box.top + (flipped ? box.height : 0))
  context.scale(1, flipped ? -1 : 1)
  context.drawImage(picture, 0, 0, box.width, box.height)
  context.restore()
}

/** A veil with slanted lines over a stretch that is padding, in both themes alike: maps have their own colours. */
export const hatch = (context: CanvasRenderingContext2D, box: Box): void => {
  if (box.width <= 0) return
  context.save()
  clipTo(context, box)
  context.fillStyle = '#00000052'
  context.fillRect(box.left, box.top, box.width, box.height)
  context.strokeStyle = '#ffffff66'
  drawSlants(context, box)
  if (box.width > 60 && box.height > 24) {
    context.fillStyle = '#000000b0'
    context.fillRect(box.left + 4, box.top + 4, 48, 15)
    context.fillStyle = '#ffffff'
    context.font = '10px sans-serif'
    context.fillText('padding', box.left + 9, box.top + 15)
  }
  context.restore()
}

export const clipTo = (context: CanvasRenderingContext2D, { left, top, width, height }: Box): void => {
  context.beginPath()
  context.rect(left, top, width, height)
  context.clip()
}

/** Slanted lines over a box, and beyond it unless it is clipped to. */
export const drawSlants = (context: CanvasRenderingContext2D, { left, top, width, height }: Box): void => {
  context.beginPath()
  for (let x = left - height; x < left + width; x += 8) {
    context.moveTo(x, top + height)
    context.lineTo(x + height, top)
  }
  context.stroke()
}

/** Widens a range so that it has a length and, where `centred`, so that 0 is its middle. */
export const colourRange = (low: number, high: number, centred: boolean): Range => {
  if (centred) {
    const most = Math.max(Math.abs(low), Math.abs(high)) || 1
    return [-most, most]
  }
  return high > low ? [low, high] : [low - 0.5, low + 0.5]
}
