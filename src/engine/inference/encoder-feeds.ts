import type { Tensor } from '../../contract/tensor.ts'
import type { TimeGrid } from '../../contract/grid.ts'
import { familyById } from '../models/families/families.ts'
import { inputOf, maskInput } from '../models/families/family.ts'
import type { Model } from '../models/model.ts'
import type { Feed } from './session.ts'

/** The front end's features as the encoder takes them, under the name of its input, the batch dimension of 1 first. */
export const featuresFeed = (model: Model, { dtype, shape, data }: Tensor): Feed => {
  const stacked = stackOf(model)
  const [rows = 0, ...rest] = shape
  const taken = stacked === 1 ? shape : [rows / stacked, stacked * (rest[0] ?? 1)]
  const input = inputOf(familyById[model.card.family], model.config)
  const rank = model.encoder.graph.inputs.find(({ name }) => name === input)?.shape.length ?? 0
  // a picture has a channel before its rows
  const channels = Array.from({ length: Math.max(0, rank - 1 - taken.length) }, () => 1)
  return { dtype, shape: [1, ...channels, ...taken], data }
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
  const input = inputOf(familyById[model.card.family], model.config)
  const takesMask = model.encoder.graph.inputs.some(({ name }) => name === maskInput)
  return { [input]: featuresFeed(model, features), ...(takesMask && { [maskInput]: maskFeed(model, grid) }) }
}

const stackOf = ({ card, preprocessor }: Model): number => familyById[card.family].stacked?.(preprocessor) ?? 1
