import { themeColour } from '../../styles/theme.ts'
import { stretchOf, type Scale } from '../../timeline/geometry.ts'
import { clipTo, drawSlants } from '../picture.ts'
import type { Piece } from './joined.ts'

/** pixels that the sentence needs */
const textPixels = 110

/** Where a window has not run: slanted lines, and that it has not. */
export const drawGaps = (
  context: CanvasRenderingContext2D,
  gaps: readonly Piece[],
  scale: Scale,
  height: number,
): void => {
  for (const { stretch, text } of gaps) {
    const box = stretchOf(scale, stretch)
    const left = Math.max(0, box.left)
    const width = Math.min(scale.pixels, box.left + box.width) - left
    if (width <= 0) continue
    context.save()
    clipTo(context, { left, top: 0, width, height })
    context.strokeStyle = themeColour('line')
    context.lineWidth = 2
    drawSlants(context, { left, top: 0, width, height })
    if (width > textPixels) {
      context.font = '11px sans-serif'
      context.textAlign = 'left'
      context.fillStyle = themeColour('plot')
      context.fillRect(left + 4, 3, context.measureText(text).width + 6, 15)
      context.fillStyle = themeColour('text-quiet')
      context.fillText(text, left + 7, 14)
    }
    context.restore()
  }
}
