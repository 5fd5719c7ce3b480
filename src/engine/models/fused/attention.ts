import type { OnnxNode } from '../../../formats/onnx/graph.ts'
import type { Parts } from './parts.ts'

/** Attention as onnxruntime's optimiser fuses it: com.microsoft's `Attention` and `MultiHeadAttention`, written out again. */

/** Rank of a tensor, or undefined where it does not show. */
export type RankOf = (name: string) => number | undefined

const has = (node: OnnxNode, ...places: number[]): boolean => places.some((i) => (node.inputs[i] ?? '') !== '')

/** What keeps the node from being written out; undefined where nothing does. */
export const obstacle = (node: OnnxNode, rankOf: RankOf): string | undefined => {
  const isPacked = node.opType === 'Attention'
  const mask = node.inputs[isPacked ? 3 : 4] ?? ''
  const sizes = node.attributes.get('qkv_hidden_sizes')
  if (!(Number(node.attributes.get('num_heads')) > 0)) return 'does not say how many heads it has'
  if (mask !== '' && rankOf(mask) !== 2) return 'takes a mask that may have another form than [batch, key]'
  if (isPacked ? has(node, 6) : has(node, 8, 9)) return 'keeps its past in a shared buffer'
  if (Number(node.attributes.get('do_rotary') ?? 0) !== 0) return 'turns queries and keys by their positions'
  if (Array.isArray(sizes) && new Set<unknown>(sizes).size > 1) return 'has values of another width than its keys'
  if (!isPacked && node.outputs[3]) return 'gives scores as well'
  return undefined
}

export const openAttention = (node: OnnxNode, parts: Parts, rankOf: RankOf): void => {
  const { query, key, value } =
    node.opType === 'Attention' ? fromInput(node, parts) : fromProjections(node, parts, rankOf)
  const { add } = parts
  const keys = add('Transpose', [key], { perm: [0, 1, 3, 2] })
  const weights = add('Softmax', [masked(node, parts, scores(node, parts, query, keys))], { axis: -1 })
  const summed = add('Transpose', [add('MatMul', [weights, value])], { perm: [0, 2, 1, 3] })
  add('Reshape', [summed, parts.integers([0, 0, -1])], {}, node.outputs[0])
}

/** [batch, head, step, width] each. */
interface Projected {
  query: string
  key: string
  value: string
}

/** [batch, step, …] → [batch, head, step, width] */
const perHead = (node: OnnxNode, { add, integers }: Parts, x: string): string => {
  const heads = Number(node.attributes.get('num_heads'))
  return add('Transpose', [add('Reshape', [x, integers([0, 0, heads, -1])])], { perm: [0, 2, 1, 3] })
}

/** `Attention`: one weight [width, 3 · width] and one bias for queries, keys and values; past and present hold keys and values. */
const fromInput = (node: OnnxNode, parts: Parts): Projected => {
  const [input = '', weight = '', bias, , past] = node.inputs
  const { add, integers } = parts
  const three = add('Reshape', [weight, integers([0, 3, -1])])
  const project = (i: number): string => {
    const product = add('MatMul', [input, add('Gather', [three, integers(i)], { axis: 1 })])
    return perHead(node, parts, plusBias(parts, product, bias, i))
  }
  const after = (i: number, x: string) =>
    past ? add('Concat', [add('Gather', [past, integers(i)]), x], { axis: 2 }) : x
  const [query, key, value] = [project(0), after(0, project(1)), after(1, project(2))]
  if (node.outputs[1])
    add('ConcatFromSequence', [add('SequenceConstruct', [key, value])], { axis: 0, new_axis: 1 }, node.outputs[1])
  return { query, key, value }
}

const plusBias = ({ add, integers }: Parts, x: string, bias: string | undefined, i: number): string =>
  bias ? add('Add', [x, add('Gather', [add('Reshape', [bias, integers([3, -1])]), integers(i)])]) : x

/** `MultiHeadAttention`: projections, packed where one is left out: [batch, step, head, 3 or 2, width]; or keys and values of the past. */
const fromProjections = (node: OnnxNode, parts: Parts, rankOf: RankOf): Projected => {
  const [queries = '', keys, values, bias, , , pastKey, pastValue] = node.inputs
  const { add, integers } = parts
  const unpacked = (x: string, i: number) => add('Gather', [x, integers(i)], { axis: 3 })
  const flat = (x: string) => add('Reshape', [x, integers([0, 0, -1])])
  const split = (x: string, i: number) => perHead(node, parts, plusBias(parts, x, bias, i))
  const query = split(keys ? queries : flat(unpacked(queries, 0)), 0)
  const part = (i: 1 | 2): string => {
    const own = i === 1 ? keys : values
    if (own && rankOf(own) === 4) return own
    if (!keys) return split(flat(unpacked(queries, i)), i)
    return split(values ? (own ?? '') : flat(unpacked(keys, i - 1)), i)
  }
  const after = (past: string | undefined, x: string) => (past ? add('Concat', [past, x], { axis: 2 }) : x)
  const [key, value] = [after(pastKey, part(1)), after(pastValue, part(2))]
  for (const [i, x] of [key, value].entries()) if (node.outputs[i + 1]) add('Identity', [x], {}, node.outputs[i + 1])
  return { query, key, value }
}

/** Scaled as the node says, or by one over the root of a head's width. */
const scores = (
  { attributes }: OnnxNode,
  { add, float, integers, type }: Parts,
  query: string,
  key: string,
): string => {
  const given = Number(attributes.get('scale') ?? 0)
  const width = () => add('Cast', [add('Gather', [add('Shape', [query]), integers(3)])], { to: type })
  const scaled = given ? add('Mul', [query, float(given)]) : add('Div', [query, add('Sqrt', [width()])])
  return add('MatMul', [scaled, key])
}

/** Scores plus a bias, and far below all others where a key is masked or comes later than its query. */
const masked = (node: OnnxNode, { add, integers, float }: Parts, plain: string): string => {
  const isPacked = node.opType === 'Attention'
  const [bias, mask] = isPacked ? [node.inputs[5], node.inputs[3]] : [node.inputs[5], node.inputs[4]]
  const filter = Number(node.attributes.get('mask_filter_value') ?? -10000)
  let result = bias ? add('Add', [plain, bias]) : plain
  const keep = (where: string): void => {
    result = add('Where', [where, result, float(filter)])
  }
  if (mask) keep(add('Reshape', [add('Cast', [mask], { to: 9 }), integers([0, 1, 1, -1])]))
  if (Number(node.attributes.get('unidirectional') ?? 0) === 0) return result
  const size = (axis: number) => add('Gather', [add('Shape', [plain]), integers(axis)])
  const [count, length] = [size(2), size(3)]
  const rows = add('Range', [add('Sub', [length, count]), length, integers(1)])
  const columns = add('Range', [integers(0), length, integers(1)])
  keep(add('Not', [add('Greater', [columns, add('Reshape', [rows, integers([-1, 1])])])]))
  return result
}
