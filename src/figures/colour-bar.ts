import { colourAt } from './colour-maps.ts'
import { textElement } from './chart-option.ts'
import type { ColourScale } from './figure.ts'
import type { PlotArea } from './plot-area.ts'
import { plainText } from './text.ts'
import { fontFamily, type Look } from './theme.ts'
import { colourTicks } from './ticks.ts'

/** Pixels to the right of a plot that its colour bar takes: gap, bar, tick labels, unit. */
export const colourBarWidth = 82
const gap = 12
const barWidth = 11
const stops = Array.from({ length: 33 }, (_, i) => i / 32)

/** The map with its ends, ticks and unit beside a plot, all vectors. */
export const colourBar = (colour: ColourScale, area: PlotArea, look: Look, family = fontFamily): object[] => {
  const left = area.left + area.width + gap
  const shape = { x: left, y: area.top, width: barWidth, height: area.height }
  const colorStops = stops.map((offset) => ({ offset, color: colourAt(colour.map, offset) }))
  const fill = { type: 'linear', x: 0, y: 1, x2: 0, y2: 0, colorStops, global: false }
  const unit = plainText(colour.unit) + (colour.scale === 'log' ? ', log scale' : '')
  const unitAt = { x: left + barWidth + 52, y: area.top + area.height / 2 }
  return [
    { type: 'rect', silent: true, shape, style: { fill, stroke: look.line, lineWidth: 0.5 } },
    ...colourTicks(colour).flatMap((tick) => barTick(tick, colour, area, left + barWidth, look, family)),
    textElement(unit, { ...unitAt, size: 11, colour: look.quiet, align: 'center', rotation: Math.PI / 2, family }),
  ]
}

const shareOf = ({ low, high, scale }: ColourScale, value: number): number =>
  scale === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)

const barTick = (
  tick: { at: number; label: string },
  colour: ColourScale,
  area: PlotArea,
  x: number,
  look: Look,
  family: string,
): object[] => {
  const share = colour.high > colour.low ? shareOf(colour, tick.at) : 0.5
  const y = area.top + area.height * (1 - share)
  const line = { type: 'line', silent: true, shape: { x1: x, y1: y, x2: x + 3, y2: y }, style: { stroke: look.line } }
  // the labels of the ends stay within the bar's height, so that bars stacked above one another never meet
  const within = Math.min(area.top + area.height - 5, Math.max(area.top + 5, y))
  return [line, textElement(tick.label, { x: x + 6, y: within, size: 10, colour: look.quiet, family })]
}
