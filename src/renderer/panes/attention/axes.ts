import { edgeAt, secondsAt, type TimeGrid } from '../../../contract/grid.ts'
import type { AttentionMap } from '../../../contract/engine.ts'
import type { TokenCard } from '../../../contract/run.ts'
import type { Range } from '../../../contract/tensor.ts'
import { tickLabel } from '../../format.ts'
import { pixelAt, tickStep, tickTimes, type Scale } from '../../timeline/geometry.ts'

/** One side of an attention map: steps in seconds where it has a grid, else tokens counted from 0. */
export interface MapAxis {
  grid: TimeGrid | null
  /** half-open range of steps or tokens that is shown */
  steps: Range
  scale: Scale
}

export const mapAxis = (grid: TimeGrid | null, steps: Range, pixels: number): MapAxis => ({
  grid,
  steps,
  scale: { range: grid ? [edgeAt(grid, steps[0]), edgeAt(grid, steps[1])] : steps, pixels },
})

export const axesOf = (map: AttentionMap, side: number): { queries: MapAxis; keys: MapAxis } => {
  const source = map.maps[0]?.raster.source ?? { rows: [0, 1] as Range, columns: [0, 1] as Range }
  return { queries: mapAxis(map.queryGrid, source.rows, side), keys: mapAxis(map.keyGrid, source.columns, side) }
}

/** The step or token drawn at `pixel`. */
export const stepUnder = (axis: MapAxis, pixel: number): number => {
  const share = Math.min(0.999999, Math.max(0, pixel / Math.max(1, axis.scale.pixels)))
  return axis.steps[0] + Math.floor(share * (axis.steps[1] - axis.steps[0]))
}

/** Middle of a step's cell in pixels. */
export const pixelOfStep = (axis: MapAxis, step: number): number =>
  pixelAt(axis.scale, axis.grid ? secondsAt(axis.grid, step) : step + 0.5)

/** Where the padding begins on this axis, in pixels; null where none is shown. */
export const paddingFrom = (axis: MapAxis): number | null => {
  if (!axis.grid || axis.steps[1] <= axis.grid.valid) return null
  return Math.max(0, pixelAt(axis.scale, edgeAt(axis.grid, axis.grid.valid)))
}

const leastTokenPixels = 11

export const axisTicks = (axis: MapAxis, tokens: TokenCard[] | null): { at: number; label: string }[] => {
  if (axis.grid) {
    const step = tickStep(axis.scale, 38)
    return tickTimes(axis.scale, 38).map((time) => ({ at: pixelAt(axis.scale, time), label: tickLabel(time, step) }))
  }
  const [from, to] = axis.steps
  const every = Math.max(1, Math.ceil((leastTokenPixels * (to - from)) / axis.scale.pixels))
  return Array.from({ length: Math.ceil((to - from) / every) }, (_, i) => {
    const token = from + i * every
    return { at: pixelOfStep(axis, token), label: tokens?.[token]?.text.trim() || String(token) }
  })
}
