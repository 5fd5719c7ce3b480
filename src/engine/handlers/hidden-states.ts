import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, timeOf, type TimeGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import type { Range } from '../../contract/tensor.ts'
import { foldStates } from '../analysis/fold.ts'
import { stateShape } from '../analysis/valid-states.ts'
import type { Store } from '../store/store.ts'

/** A stored hidden state as panes show it: AST's bands averaged into columns, special tokens left out. */
export interface OpenStates {
  /** null for decoder taps (tokens) */
  grid: TimeGrid | null
  /** steps of the sequence (columns), padding included, and dimensions */
  steps: number
  width: number
  /** [step, width] of a half-open range of steps */
  read(steps: Range): Float32Array
}

/** Throws `not-found` for a tap that the run does not have. */
export const openStates = (store: Pick<Store, 'tensor'>, run: Run, tap: string): OpenStates => {
  const shape = stateShape(run, tap)
  const { encoder } = run.grids
  const parsed = parseTap(tap)
  const grid = parsed?.kind === 'hidden' && parsed.side === 'encoder' ? timeOf(encoder) : null
  const { width } = shape
  const steps = grid?.count ?? shape.steps
  if (!grid || !isPatchGrid(encoder))
    return { grid, steps, width, read: (range) => store.tensor(run.id, tap, range).data as Float32Array }
  const folded = (): Float32Array => foldStates(store.tensor(run.id, tap).data as Float32Array, encoder, width)
  return { grid, steps, width, read: ([from, to]) => folded().subarray(from * width, to * width) }
}

/** The wanted dimensions as far as there are some. Throws `bad-input` where there are none. */
export const dimensionsWithin = ({ width }: OpenStates, [low, high]: readonly [number, number], tap: string): Range => {
  if (low >= Math.min(high, width))
    throw new EngineError('bad-input', `dimensions ${low}:${high} lie outside ${tap}, which has ${width}`)
  return [low, Math.min(high, width)]
}

/** Dimensions [low, high) of an order, or as they are counted. */
export const dimensionsAt = ([low, high]: Range, order: Int32Array | null): Int32Array =>
  order?.slice(low, high) ?? Int32Array.from({ length: high - low }, (_, i) => low + i)

/** [step, width] → the wanted dimensions by steps. */
export const turned = (values: Float32Array, width: number, dimensions: Int32Array): Float32Array => {
  const count = values.length / width
  const result = new Float32Array(dimensions.length * count)
  dimensions.forEach((dimension, row) => {
    for (let step = 0; step < count; step++) result[row * count + step] = values[step * width + dimension]!
  })
  return result
}
