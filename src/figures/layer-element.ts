import type { ImageOf } from './chart-option.ts'
import type { Curve, Envelope, Heatmap, Layer, Panel, Shade } from './figure.ts'
import { toPixel, type PlotArea } from './plot-area.ts'
import { plainText, textWidth } from './text.ts'
import { fontFamily, type Look } from './theme.ts'

/** A layer as one element of an ECharts custom series, in pixels of the chart; the series clips it to the plot. */
export const layerElement = (layer: Layer, panel: Panel, area: PlotArea, look: Look, image: ImageOf): object => {
  switch (layer.kind) {
    case 'heatmap':
      return heatmapElement(layer, panel, area, image)
    case 'curve':
      return curveElement(layer, panel, area)
    case 'envelope':
      return envelopeElement(layer, panel, area)
    case 'shade':
      return shadeElement(layer, panel, area, look)
  }
}

const heatmapElement = (layer: Heatmap, panel: Panel, area: PlotArea, image: ImageOf): object => {
  const first = toPixel(area, panel, layer.x[0], layer.y[0])
  const last = toPixel(area, panel, layer.x[1], layer.y[1])
  return {
    type: 'image',
    silent: true,
    style: {
      image: image(layer.raster, layer.colour, first.y > last.y),
      x: Math.min(first.x, last.x),
      y: Math.min(first.y, last.y),
      width: Math.abs(last.x - first.x),
      height: Math.abs(last.y - first.y),
    },
  }
}

const curveElement = (layer: Curve, panel: Panel, area: PlotArea): object => {
  const points: [number, number][] = []
  for (let i = 0; i < layer.x.length; i++) {
    const { x, y } = toPixel(area, panel, layer.x[i]!, layer.y[i]!)
    if (Number.isFinite(x) && Number.isFinite(y)) points.push([x, y])
  }
  const line = {
    type: 'polyline',
    silent: true,
    shape: { points },
    style: { stroke: layer.colour, fill: 'none', lineWidth: 1.5 },
  }
  const [first, last] = [points[0], points.at(-1)]
  if (!layer.area || !first || !last) return { type: 'group', children: [line] }
  const floor = toPixel(area, panel, 0, 0).y
  const filled = [[first[0], floor], ...points, [last[0], floor]]
  const fill = {
    type: 'polygon',
    silent: true,
    shape: { points: filled },
    style: { fill: layer.colour, opacity: 0.25 },
  }
  return { type: 'group', children: [fill, line] }
}

const envelopeElement = (layer: Envelope, panel: Panel, area: PlotArea): object => {
  const columns = layer.min.length
  const width = (layer.x[1] - layer.x[0]) / Math.max(1, columns)
  const at = (column: number, value: number): [number, number] => {
    const { x, y } = toPixel(area, panel, layer.x[0] + (column + 0.5) * width, value)
    return [x, y]
  }
  const upper = Array.from({ length: columns }, (_, i) => at(i, layer.max[i]!))
  const lower = Array.from({ length: columns }, (_, i) => at(columns - 1 - i, layer.min[columns - 1 - i]!))
  return {
    type: 'polygon',
    silent: true,
    shape: { points: [...upper, ...lower] },
    style: { fill: layer.colour, stroke: layer.colour, lineWidth: 0.5 },
  }
}

const spacing = 8

const shadeElement = (layer: Shade, panel: Panel, area: PlotArea, look: Look): object => {
  const left = Math.max(area.left, toPixel(area, panel, layer.x[0], 0).x)
  const right = Math.min(area.left + area.width, toPixel(area, panel, layer.x[1], 0).x)
  const box = { x: left, y: area.top, width: Math.max(0, right - left), height: area.height }
  const children: object[] = [
    { type: 'rect', silent: true, shape: box, style: { fill: look.veil } },
    ...hatching(box).map((shape) => ({
      type: 'line',
      silent: true,
      shape,
      style: { stroke: look.hatch, lineWidth: 1 },
    })),
  ]
  const label = plainText(layer.label)
  if (label && textWidth(label, 11) + 8 < box.width) children.push(shadeLabel(label, box, look))
  return { type: 'group', children }
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Rising diagonals, cut to the box. */
const hatching = ({ x, y, width, height }: Box): object[] => {
  const lines: object[] = []
  for (let start = x - height + spacing / 2; start < x + width; start += spacing) {
    const from = Math.max(start, x)
    const to = Math.min(start + height, x + width)
    if (to > from) lines.push({ x1: from, y1: y + height - (from - start), x2: to, y2: y + height - (to - start) })
  }
  return lines
}

const shadeLabel = (text: string, box: Box, look: Look): object => ({
  type: 'text',
  silent: true,
  x: box.x + box.width / 2,
  y: box.y + box.height / 2,
  style: {
    text,
    fill: look.text,
    fontSize: 11,
    fontFamily,
    align: 'center',
    verticalAlign: 'middle',
    backgroundColor: look.veil,
    padding: [2, 4],
  },
})
