import type { CSSProperties } from 'vue'
import type { Range } from '../../../contract/tensor.ts'
import { stretchOf, type Scale } from '../../timeline/geometry.ts'

/** What lasts no step at all is still seen. */
const leastPixels = 4

/** Where a stretch of time lies in a row of a strip, a pixel left free after it; cut off at the edges, hidden where nothing of it is visible. */
export const placeOf = (scale: Scale, stretch: Range, row: { top: number; height: number }): CSSProperties => {
  const { left, width } = stretchOf(scale, stretch)
  const from = Math.max(0, left)
  const to = Math.min(scale.pixels, Math.max(left + width - 1, left + leastPixels))
  if (to <= 0 || from >= scale.pixels) return { visibility: 'hidden', position: 'absolute', width: 0 }
  return {
    position: 'absolute',
    left: `${from}px`,
    width: `${Math.max(1, to - from)}px`,
    top: `${row.top}px`,
    height: `${row.height}px`,
  }
}
