import type { OnnxNode } from '../../formats/onnx/graph.ts'
import { shapeVector } from './constants.ts'
import { packedShape, recodes } from './operators.ts'
import type { Reading } from './sites.ts'

export interface HeadLayout {
  /** 0 where the graph works it out at run time */
  heads: number
  /** 3 where batch and heads are one axis */
  rank: 3 | 4
}

// a bias may be added before or after the heads are parted, and part of a head turned by its position (Concat, Slice)
const moves = new Set(['Mul', 'Div', 'Add', 'Transpose', 'Reshape', 'Concat', 'Slice'])

/** Back from the score's query operand to the projection: the nodes passed, nearest first. */
const pathBack = ({ graph, scale }: Reading, query: string): OnnxNode[] => {
  const path: OnnxNode[] = []
  for (let node = graph.producers.get(query); node && path.length < 16;) {
    path.push(node)
    if (!moves.has(node.opType) && !recodes(node)) break
    const [first = '', second = ''] = node.inputs
    node = graph.producers.get(scale.has(first) ? second : first)
  }
  return path
}

const shapeOf = ({ graph, source }: Reading, node: OnnxNode): (number | null)[] | undefined =>
  shapeVector(graph, source, node.inputs[1] ?? '')

const rankOf = (from: Reading, path: OnnxNode[]): number | undefined => {
  for (const node of path) {
    const order = node.attributes.get('perm')
    if (node.opType === 'Transpose' && Array.isArray(order)) return order.length
    if (node.opType === 'Reshape') return shapeOf(from, node)?.length
  }
  return undefined
}

/** Columns of the projection: as packed, or the last dimension of the weight (or bias) at the end of the path. */
const projectedWidth = ({ graph }: Reading, last: OnnxNode | undefined): number | undefined =>
  (last && packedShape(last)?.[1]) ??
  last?.inputs.map((name) => graph.initializers.get(name)?.dims.at(-1)).find((width) => width !== undefined)

/** Heads and rank from the reshape that splits [batch, step, width] into [batch, step, head, width]; undefined where there is none. */
export const headLayout = (from: Reading, query: string): HeadLayout | undefined => {
  const path = pathBack(from, query)
  const rank = rankOf(from, path)
  if (rank !== 3 && rank !== 4) return undefined
  const split = path.filter((node) => node.opType === 'Reshape').map((node) => shapeOf(from, node))
  const shape = split.find((dimensions) => dimensions?.length === 4)
  const [, , heads, width] = shape ?? []
  if (heads && heads > 0) return { heads, rank }
  const whole = projectedWidth(from, path.at(-1))
  return { heads: width && width > 0 && whole ? whole / width : 0, rank }
}
