import type { Range } from '../../contract/tensor.ts'

/** The only converter between seconds and pixels. A scale lays the half-open `range` of seconds over `pixels` CSS pixels. */
export interface Scale {
  range: Range
  pixels: number
}

/** The shortest visible stretch, in seconds: a few samples of any step a model makes. */
export const shortestVisible = 0.02

export const lengthOf = (range: Range): number => range[1] - range[0]

/** Pixels from the left edge; outside [0, pixels) for seconds that are not visible. */
export const pixelAt = (scale: Scale, seconds: number): number =>
  ((seconds - scale.range[0]) / lengthOf(scale.range)) * scale.pixels

export const secondsAtPixel = (scale: Scale, pixel: number): number =>
  scale.range[0] + (pixel / Math.max(1, scale.pixels)) * lengthOf(scale.range)

/** Left edge and width in pixels of a stretch of seconds; may lie partly or wholly outside. */
export const stretchOf = (scale: Scale, stretch: Range): { left: number; width: number } => {
  const left = pixelAt(scale, stretch[0])
  return { left, width: pixelAt(scale, stretch[1]) - left }
}

export const moved = (range: Range, by: number): Range => [range[0] + by, range[1] + by]

/** Moves `range` into `limit` without changing its length, or to `limit` where it is longer. */
export const fitted = (range: Range, limit: Range): Range => {
  const length = Math.min(lengthOf(range), lengthOf(limit))
  const start = Math.min(Math.max(range[0], limit[0]), limit[1] - length)
  return [start, start + length]
}

/** `factor` < 1 shows less; the moment at `anchor` stays where it is on screen. */
export const zoomed = (range: Range, factor: number, anchor: number, limit: Range): Range => {
  const length = Math.min(Math.max(lengthOf(range) * factor, shortestVisible), lengthOf(limit))
  const share = (anchor - range[0]) / lengthOf(range)
  const start = anchor - share * length
  return fitted([start, start + length], limit)
}

export const panned = (range: Range, bySeconds: number, limit: Range): Range => fitted(moved(range, bySeconds), limit)

const niceSteps = [1, 2, 5]

/** A step of 1, 2 or 5 times a power of ten that leaves at least `leastPixels` between two ticks. */
export const tickStep = (scale: Scale, leastPixels: number): number => {
  const least = (lengthOf(scale.range) / Math.max(1, scale.pixels)) * leastPixels
  const power = 10 ** Math.floor(Math.log10(least))
  return (niceSteps.find((nice) => nice * power >= least * 0.999) ?? 10) * power
}

/** Seconds of the ticks that are visible, the first at or after the start. */
export const tickTimes = (scale: Scale, leastPixels = 64): number[] => {
  const step = tickStep(scale, leastPixels)
  const first = Math.ceil(scale.range[0] / step - 1e-9)
  const last = Math.floor(scale.range[1] / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step)
}

/** A region moved by `by` seconds as a whole, or at one edge, within a recording and the lengths a model takes. */
export const dragRegion = (
  region: Range,
  handle: 'start' | 'end' | 'whole',
  by: number,
  limits: { seconds: number; least: number },
): Range => {
  if (handle === 'whole') return fitted(moved(region, by), [0, limits.seconds])
  const least = Math.min(limits.least, limits.seconds)
  if (handle === 'start') return [Math.min(Math.max(region[0] + by, 0), region[1] - least), region[1]]
  return [region[0], Math.max(Math.min(region[1] + by, limits.seconds), region[0] + least)]
}
