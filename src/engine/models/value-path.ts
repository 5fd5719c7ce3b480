import { isAttentionOp } from '../../formats/onnx/attention-op.ts'
import type { OnnxGraph } from '../../formats/onnx/graph.ts'
import { isFloat } from '../../formats/onnx/read-tensor.ts'
import { knownTensors } from './constants.ts'
import { float32 } from './element-types.ts'
import type { ModelGraph, Site } from './model.ts'
import { factors, recodes } from './operators.ts'
import { weightedSum } from './sites.ts'
import { original, otherOperand } from './walk.ts'

/** Tensors on the way of a site's values to what its layer adds to the hidden state. */
export interface ValuePath {
  /** what the weights weigh: [batch, head, key, width], batch and heads as one axis, or [batch, key, head · width] */
  values: string
  /** what the output projection takes, the heads side by side: [.., head · width] */
  input: string
  /** what it gives, with or without its bias */
  output: string
}

/** The product of the weights and the values, or the node that does both; `values` may be left out where they are packed. */
const summing = (graph: OnnxGraph, site: Site): { values: string | undefined; sum: string } | undefined => {
  const fused = graph.nodes.find((node) => isAttentionOp(node) && node.weights === site.weights)
  if (fused) return { values: fused.inputs[2], sum: fused.outputs[0] ?? '' }
  const node = weightedSum(graph, site.weights)
  return node && { values: factors(node)?.[1], sum: node.outputs[0] ?? '' }
}

type Known = ReturnType<typeof knownTensors>

/** The first product with something constant that takes the sum: moved, in another type or scale of numbers at most. */
const projection = (graph: OnnxGraph, { constant, scale }: Known, sum: string) => {
  const waiting = [sum]
  for (const name of waiting)
    for (const node of graph.consumers.get(name) ?? []) {
      const output = node.outputs[0] ?? ''
      const isScaled = node.opType === 'Mul' && scale.has(otherOperand(node, name))
      const [left, right] = factors(node) ?? []
      if (left === name && right !== undefined && constant.has(right)) return { input: name, output }
      const moves = recodes(node) || node.opType === 'Transpose' || node.opType === 'Reshape'
      if (isScaled || (moves && node.inputs[0] === name)) waiting.push(output)
    }
  return undefined
}

/** What a product of whole numbers stands for, once it is cast and scaled. */
const rescaled = (from: ModelGraph, known: Known, name: string): string => {
  const { graph, types } = from
  const isWhole = !isFloat(types.get(name) ?? float32)
  const next = graph.consumers
    .get(name)
    ?.find((node) => (isWhole && recodes(node)) || (node.opType === 'Mul' && known.scale.has(otherOperand(node, name))))
  return next ? rescaled(from, known, next.outputs[0] ?? '') : name
}

/**
 * Where a site's values and its output projection are, found by what the nodes do; undefined where the graph does not show them. What
 * is found may still mean something else (heads laid out otherwise): whoever uses it adds the parts up and compares.
 */
export const valuePath = (from: ModelGraph, site: Site): ValuePath | undefined => {
  const { graph, types } = from
  const known = knownTensors(graph)
  const found = summing(graph, site)
  const projected = found && projection(graph, known, found.sum)
  if (!found?.values || !projected) return undefined
  return {
    values: original(graph, found.values, types),
    input: original(graph, projected.input, types),
    output: rescaled(from, known, projected.output),
  }
}
