import type { z } from 'zod'
import type { HiddenMap, HiddenQuery } from '../../contract/engine.ts'
import type { Run } from '../../contract/run.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'
import { dimensionsWithin, hiddenStates, turned } from './hidden-states.ts'

/** A hidden state as a picture: dimensions up, steps (AST: columns, the mean of their bands) to the right. */
export const hiddenMap = (store: Pick<Store, 'tensor'>, run: Run, input: z.output<typeof HiddenQuery>): HiddenMap => {
  const states = hiddenStates(store, run, input.tap)
  const { grid, count, dimensions } = states
  const columns = spanSteps(input.steps, grid, count)
  const rows = dimensionsWithin(states, input.dimensions, input.tap)
  const valid = { rows: dimensions, columns: grid?.valid ?? count }
  const matrix = { data: turned(states.read(columns), dimensions, rows), rows, columns, valid }
  return { raster: poolToRaster(matrix, input), grid, dimensions }
}
