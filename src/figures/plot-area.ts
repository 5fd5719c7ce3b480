/** Where the plot lies in its box, and how data become pixels there. All in CSS pixels from the box's top left corner. */

export interface Size {
  width: number
  height: number
}
export interface Margins {
  left: number
  top: number
  right: number
  bottom: number
}
export interface PlotArea {
  left: number
  top: number
  width: number
  height: number
}
interface Spans {
  x: { range: [number, number] }
  y: { range: [number, number]; inverse?: boolean }
  square?: boolean
}

/** The box less its margins; a square panel takes the largest square at the top left of that. */
export const plotArea = (size: Size, margins: Margins, square = false): PlotArea => {
  const width = Math.max(1, size.width - margins.left - margins.right)
  const height = Math.max(1, size.height - margins.top - margins.bottom)
  const side = Math.min(width, height)
  return { left: margins.left, top: margins.top, width: square ? side : width, height: square ? side : height }
}

const shareOf = ([low, high]: [number, number], value: number): number => (value - low) / (high - low || 1)

export const toPixel = (area: PlotArea, axes: Spans, x: number, y: number): { x: number; y: number } => {
  const up = shareOf(axes.y.range, y)
  return {
    x: area.left + shareOf(axes.x.range, x) * area.width,
    y: area.top + (axes.y.inverse ? up : 1 - up) * area.height,
  }
}

/** Data coordinates under a pixel, or null outside the plot. */
export const toData = (area: PlotArea, axes: Spans, x: number, y: number): { x: number; y: number } | null => {
  const across = (x - area.left) / area.width
  const down = (y - area.top) / area.height
  if (across < 0 || across > 1 || down < 0 || down > 1) return null
  const at = ([low, high]: [number, number], share: number): number => low + share * (high - low)
  return { x: at(axes.x.range, across), y: at(axes.y.range, axes.y.inverse ? down : 1 - down) }
}
