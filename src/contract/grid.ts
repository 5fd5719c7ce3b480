import type { Range } from './tensor.ts'

/** The one time axis (design §2): how steps of a sequence lie in seconds of the recording. */

/**
 * `start` is the centre of step 0 in seconds of the recording (the region's start included), `step` the distance of two
 * centres, `width` how long a stretch one step sees, `count` the number of steps, `valid` how many are centred on audio
 * and not on padding.
 */
export interface TimeGrid {
  start: number
  step: number
  width: number
  count: number
  valid: number
}

/** Patches in a row, along mel bins or frames: patch i covers those from `first + step · i` on, `size` of them. */
export interface Tiling {
  first: number
  step: number
  size: number
}

/**
 * AST: token = special + columns · band + column; `time` is the grid of the columns, band 0 the lowest frequencies. `mel` says which bins
 * the bands cover; runs and mappings from before that was kept lack it.
 */
export interface PatchGrid {
  time: TimeGrid
  bands: number
  special: number
  mel?: Tiling
}

export type Grid = TimeGrid | PatchGrid

/** Where the sequences of a run lie; `output`: the rows of a CTC head where they are others than the encoder's steps. */
export interface Grids {
  features: TimeGrid
  encoder: Grid
  output?: TimeGrid
}

export const isPatchGrid = (grid: Grid): grid is PatchGrid => 'bands' in grid

/** The grid of seconds: a sequence's own, or that of a patch grid's columns. */
export const timeOf = (grid: Grid): TimeGrid => (isPatchGrid(grid) ? grid.time : grid)

/** Where the rows of a CTC head lie. */
export const outputOf = ({ encoder, output }: Grids): TimeGrid => output ?? timeOf(encoder)

/** Steps (tokens) of the whole sequence. */
export const stepCount = (grid: Grid): number =>
  isPatchGrid(grid) ? grid.special + grid.bands * grid.time.count : grid.count

/** Centre of step `i` in seconds of the recording. */
export const secondsAt = (grid: TimeGrid, i: number): number => grid.start + i * grid.step

/** The step whose centre is nearest to `seconds`, within [0, count). */
export const stepAt = (grid: TimeGrid, seconds: number): number =>
  Math.min(grid.count - 1, Math.max(0, Math.round((seconds - grid.start) / grid.step)))

/** Left edge of step `i`'s cell, drawn one `step` wide around its centre. */
export const edgeAt = (grid: TimeGrid, i: number): number => grid.start + (i - 0.5) * grid.step

/** Where the padding begins, in seconds: the right edge of the last valid step. */
export const validEnd = (grid: TimeGrid): number => edgeAt(grid, grid.valid)

/** The frames of `features` that the columns of a patch grid cover: a column sees from its first frame's beginning to its last one's end. */
export const framesOf = ({ time }: PatchGrid, features: TimeGrid): Tiling => {
  const size = Math.round((time.width - features.width) / features.step) + 1
  const first = Math.round((time.start - features.start) / features.step - (size - 1) / 2)
  return { first, step: Math.round(time.step / features.step), size }
}

/** Steps whose cells reach into a stretch of seconds, half-open; the nearest one where none does. */
export const stepsWithin = (grid: TimeGrid, [from, to]: Range): Range => {
  const cellAt = (seconds: number): number => (seconds - grid.start) / grid.step + 0.5
  // a thousandth of a step of slack: 0.3 / 0.1 is 2.9999999999999996
  const start = Math.min(grid.count - 1, Math.max(0, Math.floor(cellAt(from) + 1e-3)))
  return [start, Math.max(start + 1, Math.min(grid.count, Math.ceil(cellAt(to) - 1e-3)))]
}
