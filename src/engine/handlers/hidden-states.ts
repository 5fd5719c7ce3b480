import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, timeOf, type TimeGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap, type TapName } from '../../contract/tap.ts'
import type { Range } from '../../contract/tensor.ts'
import { foldStates } from '../analysis/fold.ts'
import type { Store } from '../store/store.ts'

/** One hidden state of a run. AST's bands are averaged into its columns, special tokens left out. */
export interface HiddenStates {
  /** null for tokens */
  grid: TimeGrid | null
  /** steps or tokens */
  count: number
  dimensions: number
  /** [step, dimension] of the wanted steps */
  read(steps: Range): Float32Array
}

/** Throws `not-found` for what is no hidden state of the run. */
export const hiddenStates = (store: Pick<Store, 'tensor'>, run: Run, name: TapName): HiddenStates => {
  const tap = parseTap(name)
  const card = run.taps.find((known) => known.tap === name)
  if (tap?.kind !== 'hidden' || !card)
    throw new EngineError('not-found', `the run of ${run.model.id} has no hidden state ${name}`)
  const [steps = 0, dimensions = 0] = card.shape
  const patches = tap.side === 'encoder' && isPatchGrid(run.grids.encoder) ? run.grids.encoder : null
  const grid = tap.side === 'encoder' ? timeOf(run.grids.encoder) : null
  const read = ([start, end]: Range): Float32Array => {
    const { data } = store.tensor(run.id, name, patches ? undefined : [start, end])
    const values = data as Float32Array
    return patches ? foldStates(values, patches, dimensions).subarray(start * dimensions, end * dimensions) : values
  }
  return { grid, count: grid?.count ?? steps, dimensions, read }
}

/** The wanted dimensions as far as there are some. Throws `bad-input` where there are none. */
export const dimensionsWithin = (
  { dimensions }: HiddenStates,
  [low, high]: readonly [number, number],
  name: TapName,
): Range => {
  if (low >= Math.min(high, dimensions))
    throw new EngineError('bad-input', `dimensions ${low}:${high} lie outside ${name}, which has ${dimensions}`)
  return [low, Math.min(high, dimensions)]
}

/** [step, width] → the wanted dimensions by steps. */
export const turned = (values: Float32Array, width: number, rows: Range): Float32Array => {
  const count = values.length / width
  const result = new Float32Array((rows[1] - rows[0]) * count)
  for (let row = rows[0]; row < rows[1]; row++)
    for (let step = 0; step < count; step++) result[(row - rows[0]) * count + step] = values[step * width + row]!
  return result
}
