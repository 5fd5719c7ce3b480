import type { Tensor } from '../../contract/tensor.ts'
import type { TimeGrid } from '../../contract/grid.ts'
import { familyById } from '../models/families/families.ts'
import { maskInput } from '../models/families/family.ts'
import type { Model } from '../models/model.ts'
import type { Feed } from './session.ts'

/** The front end's features as the encoder takes them, under the name of its input, the batch dimension of 1 first. */
export const featuresFeed = (model: Model, { dtype, shape, data }: Tensor): Feed => {
  const stacked = stackOf(model)
  const [rows = 0, ...rest] = shape
  return { dtype, shape: stacked === 1 ? [1, ...shape] : [1, rows / stacked, stacked * (rest[0] ?? 1)], data }
}

/** 1 for every row of the features that is sound to its end, 0 for what has padding in it. */
export const maskFeed = (model: Model, grid: TimeGrid): Feed => {
  const stacked = stackOf(model)
  const [rows, whole] = [Math.ceil(grid.count / stacked), Math.floor(grid.valid / stacked)]
  return {
    dtype: 'int64',
    shape: [1, rows],
    data: BigInt64Array.from({ length: rows }, (_, i) => (i < whole ? 1n : 0n)),
  }
}

export const encoderFeeds = (model: Model, features: Tensor, grid: TimeGrid): Record<string, Feed> => {
  const { input } = familyById[model.card.family]
  const takesMask = model.encoder.graph.inputs.some(({ name }) => name === maskInput)
  return { [input]: featuresFeed(model, features), ...(takesMask && { [maskInput]: maskFeed(model, grid) }) }
}

const stackOf = ({ card, preprocessor }: Model): number => familyById[card.family].stacked?.(preprocessor) ?? 1
