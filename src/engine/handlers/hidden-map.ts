import type { z } from 'zod'
import type { HiddenMap, HiddenQuery } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'
import type { Run } from '../../contract/run.ts'
import { openStates } from './hidden-states.ts'

type Input = z.output<typeof HiddenQuery>

/**
 * A hidden state as a picture: dimensions up, steps (AST: columns, the mean of their bands) to the right. `order` says which
 * dimension comes where, of all the tap has; by index where it is left out.
 */
export const hiddenMap = (
  store: Pick<Store, 'tensor'>,
  run: Run,
  input: Input,
  order: Int32Array | null = null,
): HiddenMap => {
  const { grid, steps, width, read } = openStates(store, run, input.tap)
  const columns = spanSteps(input.steps, grid, grid?.count ?? steps)
  const [low, high] = [input.dimensions[0], Math.min(input.dimensions[1], width)]
  if (low >= high)
    throw new EngineError(
      'bad-input',
      `dimensions ${low}:${input.dimensions[1]} lie outside ${input.tap}, which has ${width}`,
    )
  const indices = order?.slice(low, high) ?? Int32Array.from({ length: high - low }, (_, i) => low + i)
  const valid = { rows: width, columns: grid?.valid ?? steps }
  const data = transpose(read(columns), width, indices)
  const raster = poolToRaster({ data, rows: [low, high], columns, valid }, input)
  return { raster, indices, grid, dimensions: width }
}

/** [step, width] → the wanted dimensions by steps. */
const transpose = (values: Float32Array, width: number, indices: Int32Array): Float32Array => {
  const count = values.length / width
  const turned = new Float32Array(indices.length * count)
  indices.forEach((dimension, row) => {
    for (let step = 0; step < count; step++) turned[row * count + step] = values[step * width + dimension]!
  })
  return turned
}
