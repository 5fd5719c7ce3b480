import type { OnnxGraph, OnnxNode } from '../../../formats/onnx/graph.ts'
import { factors } from '../operators.ts'
import { original } from '../walk.ts'
import type { Parts } from './parts.ts'

/** Norms that were fused with the sum before them: the sum is a hidden state, and the optimiser keeps it only where more than the norm reads it. */

const sumPlace = { SkipLayerNormalization: 3, SkipSimplifiedLayerNormalization: 3, EmbedLayerNormalization: 2 }

type NormOp = keyof typeof sumPlace

export const isFusedNorm = ({ opType, domain }: OnnxNode): boolean => domain === 'com.microsoft' && opType in sumPlace

/** Whether nothing reads outputs that are neither the norm nor the sum: means of training, lengths of masks. */
export const normOpens = ({ opType, outputs }: OnnxNode, { consumers }: Pick<OnnxGraph, 'consumers'>): boolean =>
  outputs.every((name, i) => i === 0 || i === sumPlace[opType as NormOp] || !consumers.has(name))

export const openNorm = (node: OnnxNode, parts: Parts, graph: OnnxGraph): void => {
  const { opType, outputs, attributes } = node
  const sum = outputs[sumPlace[opType as NormOp]] || `${outputs[0]}#sum`
  const epsilon = Number(attributes.get('epsilon') ?? 1e-12)
  const weights = opType === 'EmbedLayerNormalization' ? embeddings(node, parts, sum) : skip(node, parts, sum, graph)
  const norm = opType === 'SkipSimplifiedLayerNormalization' ? 'SimplifiedLayerNormalization' : 'LayerNormalization'
  parts.add(norm, [sum, ...weights], { axis: -1, epsilon }, outputs[0])
}

/** Makes `sum` of a branch, its bias and what it is added to; answers what the norm weighs by. */
const skip = ({ opType, inputs }: OnnxNode, { add }: Parts, sum: string, graph: OnnxGraph): string[] => {
  const [input = '', other = '', weight = '', ...rest] = inputs
  const [offset, bias] = opType === 'SkipLayerNormalization' ? rest : ['', rest[0]]
  // the two come in either order, and the bias is that of the branch, whose end is a product
  const [branch, residual] = isProduct(graph, other) && !isProduct(graph, input) ? [other, input] : [input, other]
  add('Add', [bias ? add('Add', [branch, bias]) : branch, residual], {}, sum)
  return offset ? [weight, offset] : [weight]
}

const isProduct = (graph: OnnxGraph, name: string): boolean => {
  const maker = graph.producers.get(original(graph, name))
  return maker !== undefined && factors(maker) !== undefined
}

/** Makes `sum` of the embeddings of words, places and segments; answers what the norm weighs by. */
const embeddings = ({ inputs }: OnnxNode, { add, integers }: Parts, sum: string): string[] => {
  const [ids = '', segments, words = '', places = '', ofSegments, weight = '', bias = '', , given] = inputs
  const upTo = () => add('Gather', [add('Shape', [ids]), integers(1)])
  const at = given || add('Range', [integers(0), upTo(), integers(1)])
  const both = [add('Gather', [words, ids]), add('Gather', [places, at])]
  if (segments && ofSegments) add('Add', [add('Add', both), add('Gather', [ofSegments, segments])], {}, sum)
  else add('Add', both, {}, sum)
  return [weight, bias]
}
