import type { Inspection } from '../../contract/model.ts'
import type { OnnxGraph, OnnxTensor } from '../../formats/onnx/graph.ts'
import { isFloat } from '../../formats/onnx/read-tensor.ts'
import type { Model, ModelGraph } from './model.ts'
import { ancestors } from './walk.ts'

const size = ({ dims }: OnnxTensor): number => dims.reduce((n, d) => n * d, 1)

const isVector = ({ dims }: OnnxTensor): boolean => dims.filter((d) => d > 1).length <= 1

/**
 * The tensors one initialiser stands for. Exporters keep equal tensors once and hand them out through `Identity`. Equal matrices
 * are tied weights, one parameter; equal vectors (untrained biases, norms, class tokens) are parameters of their own.
 */
const parameters = (graph: OnnxGraph, tensor: OnnxTensor): string[] => {
  const users = graph.consumers.get(tensor.name) ?? []
  if (!isVector(tensor)) return users.length > 0 ? [tensor.name] : []
  const aliases = users.filter((node) => node.opType === 'Identity').map((node) => node.outputs[0] ?? '')
  return users.length > aliases.length ? [tensor.name, ...aliases] : aliases
}

/** Parameters of a graph that its stack's last tensor needs, and the others. Whole numbers and scalars are no parameters. */
const countGraph = ({ graph, top }: ModelGraph): { stack: number; rest: OnnxTensor[] } => {
  const needed = ancestors(graph, top)
  let stack = 0
  const rest: OnnxTensor[] = []
  for (const tensor of graph.initializers.values()) {
    if (!isFloat(tensor.dataType) || size(tensor) < 2) continue
    for (const name of parameters(graph, tensor)) {
      if (needed.has(name)) stack += size(tensor)
      else rest.push(tensor)
    }
  }
  return { stack, rest }
}

/** A head that is the embedding turned round, written down a second time. */
const isTied = (model: Pick<Model, 'config' | 'decoder'>, { dims }: OnnxTensor): boolean =>
  model.config['tie_word_embeddings'] !== false &&
  [...(model.decoder?.graph.initializers.values() ?? [])].some(
    (other) => dims.length === 2 && dims[0] !== dims[1] && other.dims.join() === dims.toReversed().join(),
  )

/**
 * Parameters by part, as PyTorch counts them but for two things an export folds away: a weight-normed convolution has one weight
 * (g · v), and what only training uses (Wav2Vec2's masked_spec_embed) is not there.
 */
export const countParameters = (model: Pick<Model, 'config' | 'encoder' | 'decoder'>): Inspection['parameters'] => {
  const encoder = countGraph(model.encoder)
  const decoder = model.decoder ? countGraph(model.decoder) : { stack: 0, rest: [] }
  const head = [...encoder.rest, ...decoder.rest.filter((tensor) => !isTied(model, tensor))]
  const parts = {
    encoder: encoder.stack,
    decoder: decoder.stack,
    head: head.reduce((n, tensor) => n + size(tensor), 0),
  }
  return { total: parts.encoder + parts.decoder + parts.head, ...parts }
}
