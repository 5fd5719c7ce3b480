import type { z } from 'zod'
import type { HiddenMap, HiddenQuery } from '../../contract/engine.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'
import type { Run } from '../../contract/run.ts'
import { dimensionsAt, dimensionsWithin, openStates, turned } from './hidden-states.ts'

export type HiddenInput = z.output<typeof HiddenQuery>

/**
 * A hidden state as a picture: dimensions up, steps (AST: columns, the mean of their bands) to the right. `order` says which
 * dimension comes where, of all the tap has; by index where it is left out.
 */
export const hiddenMap = (
  store: Pick<Store, 'tensor'>,
  run: Run,
  input: HiddenInput,
  order: Int32Array | null = null,
): HiddenMap => {
  const states = openStates(store, run, input.tap)
  const { grid, steps, width, read } = states
  const columns = spanSteps(input.steps, grid, steps)
  const rows = dimensionsWithin(states, input.dimensions, input.tap)
  const indices = dimensionsAt(rows, order)
  const valid = { rows: width, columns: grid?.valid ?? steps }
  const raster = poolToRaster({ data: turned(read(columns), width, indices), rows, columns, valid }, input)
  return { raster, indices, grid, dimensions: width }
}
