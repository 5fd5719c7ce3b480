import type { z } from 'zod'
import type { HiddenMap, HiddenQuery } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, timeOf } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { foldStates } from '../analysis/fold.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'

/** A hidden state as a picture: dimensions up, steps (AST: columns, the mean of their bands) to the right. */
export const hiddenMap = (store: Pick<Store, 'tensor'>, run: Run, input: z.output<typeof HiddenQuery>): HiddenMap => {
  const tap = parseTap(input.tap)
  const card = run.taps.find((known) => known.tap === input.tap)
  if (tap?.kind !== 'hidden' || !card)
    throw new EngineError('not-found', `the run of ${run.model.id} has no hidden state ${input.tap}`)
  const [steps = 0, dimensions = 0] = card.shape
  const patches = tap.side === 'encoder' && isPatchGrid(run.grids.encoder) ? run.grids.encoder : null
  const grid = tap.side === 'encoder' ? timeOf(run.grids.encoder) : null
  const columns = spanSteps(input.steps, grid, grid?.count ?? steps)
  const [low, high] = input.dimensions
  if (low >= Math.min(high, dimensions))
    throw new EngineError('bad-input', `dimensions ${low}:${high} lie outside ${input.tap}, which has ${dimensions}`)
  const rows: Range = [low, Math.min(high, dimensions)]
  const { data } = store.tensor(run.id, input.tap, patches ? undefined : columns)
  const values = patches
    ? foldStates(data as Float32Array, patches, dimensions).subarray(columns[0] * dimensions)
    : (data as Float32Array)
  const valid = { rows: dimensions, columns: grid?.valid ?? steps }
  const matrix = { data: transpose(values, dimensions, rows, columns), rows, columns, valid }
  return { raster: poolToRaster(matrix, input), grid, dimensions }
}

/** [step, width] from the first of `columns` on → the wanted dimensions by steps. */
const transpose = (values: Float32Array, width: number, rows: Range, columns: Range): Float32Array => {
  const count = columns[1] - columns[0]
  const turned = new Float32Array((rows[1] - rows[0]) * count)
  for (let row = rows[0]; row < rows[1]; row++)
    for (let step = 0; step < count; step++) turned[(row - rows[0]) * count + step] = values[step * width + row]!
  return turned
}
