import { basename } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { OnnxTensor } from '../../formats/onnx/graph.ts'
import type { Model, ModelGraph } from './model.ts'
import { isWeight } from './shuffled-weights.ts'

/**
 * The same architecture with nothing learnt: each weight's values in another order, by which the randomisation test of Adebayo et al.
 * (Sanity Checks for Saliency Maps, NeurIPS 2018) asks whether a picture shows the model or only its shape. Skeletons of its graphs
 * point at files of shuffled weights, made one by one as they are asked for (skeleton-file.ts). Throws `bad-model` where none can be.
 */
export const untrainedTwin = (model: Model): Model => ({
  ...model,
  encoder: twinOf(model.encoder),
  ...(model.decoder && { decoder: twinOf(model.decoder) }),
  ...(model.decoderWithPast && { decoderWithPast: twinOf(model.decoderWithPast) }),
})

const twinOf = (stock: ModelGraph): ModelGraph => {
  const shuffled = new Map<string, OnnxTensor>()
  const initializers = Array.from(stock.graph.initializers.values(), (tensor) => {
    if (!isWeight(tensor)) return tensor
    const location = `shuffled:${tensor.name}`
    shuffled.set(location, tensor)
    return { ...tensor, data: { offset: 0, length: tensor.data.length, location } }
  })
  if (shuffled.size === 0)
    throw new EngineError('bad-model', `${basename(stock.path)} holds no weights that could be shuffled`)
  const graph = { ...stock.graph, initializers: new Map(initializers.map((tensor) => [tensor.name, tensor])) }
  return { ...stock, graph, shuffled }
}
