import { isAttentionOp } from '../../formats/onnx/attention-op.ts'
import type { ByteSource, OnnxGraph, OnnxNode } from '../../formats/onnx/graph.ts'
import { feeds } from '../../formats/onnx/read-graph.ts'
import { isFloat } from '../../formats/onnx/read-tensor.ts'
import { constantValues, knownTensors } from './constants.ts'
import { elementTypes, float32 } from './element-types.ts'
import { maskInput } from './families/family.ts'
import { headLayout } from './heads.ts'
import type { Site } from './model.ts'
import { factors, recodes } from './operators.ts'
import { descendants, original, otherOperand } from './walk.ts'

/** Attention sites, found by what the nodes do to one another and never by a name (design §1.2). */

/** A graph with what the search needs at hand. */
export interface Reading {
  graph: OnnxGraph
  source: ByteSource
  constant: Set<string>
  /** constants, and what quantised activations are scaled by */
  scale: Set<string>
  /** TensorProto.DataType by tensor, where it shows */
  types: Map<string, number>
}

/** A site and the tensor after its residual addition. */
export interface FoundSite extends Site {
  joined: string
}

export const reading = (graph: OnnxGraph, source: ByteSource): Reading => ({
  graph,
  source,
  ...knownTensors(graph),
  types: elementTypes(graph),
})

/** The product of the weights with the values. */
export const weightedSum = (graph: OnnxGraph, weights: string): OnnxNode | undefined => {
  for (const node of graph.consumers.get(weights) ?? []) {
    if (factors(node)?.[0] === weights) return node
    const isSame = recodes(node) || node.opType === 'Reshape'
    const passes = isSame ? node.inputs[0] === weights : node.opType === 'Where'
    const found = passes ? weightedSum(graph, node.outputs[0] ?? '') : undefined
    if (found) return found
  }
  return undefined
}

interface Score {
  query: string
  key: string
  scale: number
  added: boolean
}

/** The factor a Mul or Div applies to `operand`, where it is one written-down number. */
const factor = ({ graph, source }: Reading, node: OnnxNode, operand: string): number | undefined => {
  const values = constantValues(graph, source, otherOperand(node, operand))
  const [value] = values ?? []
  if (values?.length !== 1 || value === undefined) return undefined
  if (node.opType === 'Mul') return value
  return node.inputs[0] === operand && value !== 0 ? 1 / value : undefined
}

/** Unless something else is known. */
const isFloating = ({ types }: Reading, name: string): boolean => isFloat(types.get(name) ?? float32)

/** A product whose numbers the kernel can make again from its factors: none of whole numbers, and nothing done on the way. */
const isPlain = (from: Reading, node: OnnxNode): boolean =>
  node.opType === 'MatMul' && isFloating(from, node.outputs[0] ?? '')

/** Back from a softmax to the product of queries and keys, with what happens in between. */
const score = (from: Reading, name: string, depth = 0): Score | undefined => {
  const node = from.graph.producers.get(name)
  if (!node || depth > 12) return undefined
  const product = factors(node)
  if (product) return { query: product[0], key: product[1], scale: 1, added: !isPlain(from, node) }
  const [first = '', second = '', third = ''] = node.inputs
  const back = (operand: string) => score(from, operand, depth + 1)
  if (recodes(node)) {
    const found = back(first)
    return found && { ...found, added: found.added || !isFloating(from, name) }
  }
  if (node.opType === 'Mul' || node.opType === 'Div') {
    const operand = from.constant.has(first) ? second : first
    const found = back(operand) ?? (operand === first ? back(second) : undefined)
    const by = factor(from, node, operand)
    return found && (by === undefined ? { ...found, added: true } : { ...found, scale: found.scale * by })
  }
  const operands = { Add: [first, second], Sub: [first], Reshape: [first], Where: [third, second] }[node.opType] ?? []
  for (const operand of operands) {
    const found = from.constant.has(operand) ? undefined : back(operand)
    if (found) return { ...found, added: true }
  }
  return undefined
}

/** Whether a node hands on the values of `name`: projected, moved, scaled or in another type. */
const carries = ({ scale }: Reading, node: OnnxNode, name: string): boolean => {
  if (node.opType === 'Mul') return scale.has(otherOperand(node, name))
  if (node.inputs[0] !== name) return false
  return factors(node) !== undefined || recodes(node) || node.opType === 'Transpose' || node.opType === 'Reshape'
}

/** The first addition after the weighted values whose other operand is neither constant nor made from them. */
const residual = (from: Reading, values: string): { hidden: string; joined: string } | undefined => {
  const { graph, constant, types } = from
  const downstream = descendants(graph, values)
  const waiting = [values]
  for (const name of waiting)
    for (const node of graph.consumers.get(name) ?? []) {
      const output = node.outputs[0] ?? ''
      if (node.opType === 'Add') {
        const other = otherOperand(node, name)
        if (!constant.has(other) && !downstream.has(other))
          return { hidden: original(graph, other, types), joined: output }
        waiting.push(output)
      } else if (carries(from, node, name)) waiting.push(output)
    }
  return undefined
}

/** A node that is all of an attention layer between its projections: its weights are asked for and never made again. */
const findFused = (from: Reading, node: OnnxNode): FoundSite | undefined => {
  const [query = ''] = node.inputs
  const key = node.inputs[1] || query // packed with the queries where it is left out
  const { weights, outputs } = node
  const heads = Number(node.attributes.get('q_num_heads') ?? node.attributes.get('num_heads') ?? 0)
  const layout = heads > 0 ? { heads, rank: 4 as const } : headLayout(from, query)
  const join = residual(from, outputs[0] ?? '')
  if (weights === undefined || !layout || !join) return undefined
  return {
    kind: kindOf(from, join.hidden, key),
    layer: 0,
    ...layout,
    weights,
    query,
    key,
    scale: 1,
    added: true,
    ...join,
  }
}

/** Whether the keys come from what the queries come from: an exporter may turn the first state round for them where it is made. */
const kindOf = ({ graph }: Reading, hidden: string, key: string): 'self' | 'cross' => {
  const isAlone = feeds(graph).filter(({ name }) => name !== maskInput).length === 1
  return isAlone || descendants(graph, hidden).has(key) ? 'self' : 'cross'
}

const findSite = (from: Reading, softmax: OnnxNode): FoundSite | undefined => {
  const weights = softmax.outputs[0] ?? ''
  const values = weightedSum(from.graph, weights)
  const scores = score(from, softmax.inputs[0] ?? '')
  if (!values || !scores) return undefined
  const { query, key, scale, added } = scores
  const layout = headLayout(from, query)
  const join = residual(from, values.outputs[0] ?? '')
  const axis = softmax.attributes.get('axis') ?? -1
  if (!layout || !join || (axis !== -1 && axis !== layout.rank - 1)) return undefined
  const kind = kindOf(from, join.hidden, key)
  return { kind, layer: 0, ...layout, weights, query, key, scale, added, ...join }
}

/** All sites in the order they are computed; `layer` counts each kind from 0. */
export const findSites = (from: Reading): FoundSite[] => {
  const count = { self: 0, cross: 0 }
  return from.graph.nodes
    .flatMap((node) => {
      if (isAttentionOp(node)) return findFused(from, node) ?? []
      return node.opType === 'Softmax' && node.domain === '' ? (findSite(from, node) ?? []) : []
    })
    .map((site) => ({ ...site, layer: count[site.kind]++ }))
}
