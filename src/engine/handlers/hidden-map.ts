import type { z } from 'zod'
import type { HiddenMap, HiddenQuery } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, timeOf, type PatchGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'
import { poolMatrix } from './pool-matrix.ts'

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
  const whole = patches !== null
  const { data } = store.tensor(run.id, input.tap, whole ? undefined : columns)
  const values = patches ? foldBands(data as Float32Array, patches, dimensions) : (data as Float32Array)
  const first = whole ? 0 : columns[0]
  const raster = poolMatrix(
    {
      source: { rows: [low, Math.min(high, dimensions)], columns },
      at: (row, column) => values[(column - first) * dimensions + row]!,
      validColumns: grid?.valid ?? steps,
    },
    input,
    input.pool,
  )
  return { raster, grid, dimensions }
}

/** [token, width] → [column, width]: the mean over a column's bands; special tokens have no place in time. */
const foldBands = (tokens: Float32Array, grid: PatchGrid, width: number): Float32Array => {
  const columns = grid.time.count
  const folded = new Float32Array(columns * width)
  for (let band = 0; band < grid.bands; band++) {
    const from = (grid.special + band * columns) * width
    for (let i = 0; i < folded.length; i++) folded[i]! += tokens[from + i]! / grid.bands
  }
  return folded
}
