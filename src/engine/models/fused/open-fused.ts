import type { OnnxGraph, OnnxNode } from '../../../formats/onnx/graph.ts'
import { linked } from '../../../formats/onnx/read-graph.ts'
import { elementTypes, float32 } from '../element-types.ts'
import { obstacle, openAttention, type RankOf } from './attention.ts'
import { isFusedNorm, normOpens, openNorm } from './norms.ts'
import { partsOf } from './parts.ts'

/**
 * Graphs that onnxruntime's transformer optimiser wrote have nodes that do what several did. Here they are several again, and so a graph
 * is read like the one it was made from. What is run is the file's own node still, wherever nothing inside it is asked for (skeleton.ts).
 */

/** Those that are written out again; an `Attention` of another domain is ONNX's own. */
const opened = ['Attention', 'MultiHeadAttention']

const isMicrosoft = ({ domain }: OnnxNode): boolean => domain === 'com.microsoft'

/** Rank as a graph input is declared, or as a transposition has it. */
const ranks = ({ inputs, producers }: OnnxGraph): RankOf => {
  const declared = new Map(inputs.map(({ name, shape }) => [name, shape.length]))
  const rankOf = (name: string): number | undefined => {
    const maker = producers.get(name)
    if (!maker) return declared.get(name)
    if (['Cast', 'Identity', 'Concat'].includes(maker.opType)) return rankOf(maker.inputs[0] ?? '')
    const order = maker.attributes.get('perm')
    return Array.isArray(order) ? order.length : undefined
  }
  return rankOf
}

/** The graph with every fused node that can be opened as its parts. */
export const openFused = (graph: OnnxGraph): OnnxGraph => {
  if (!graph.nodes.some(isMicrosoft)) return graph
  const [types, rankOf] = [elementTypes(graph), ranks(graph)]
  const nodes = graph.nodes.flatMap((node) => {
    const type = types.get(node.outputs[0] ?? '') ?? float32
    const parts = partsOf(node, type)
    if (isFusedNorm(node) && normOpens(node, graph)) openNorm(node, parts, graph)
    else if (isMicrosoft(node) && opened.includes(node.opType) && obstacle(node, rankOf) === undefined)
      openAttention(node, parts, rankOf)
    return parts.nodes.length > 0 ? parts.nodes : node
  })
  return linked({ ...graph, nodes })
}

/** The first attention that stays fused, and why, as an end of the sentence "this node …"; undefined where none does. */
export const stillFused = (graph: OnnxGraph): { node: OnnxNode; why: string } | undefined => {
  const node = graph.nodes.find((n) => isMicrosoft(n) && n.opType.endsWith('Attention') && n.weights === undefined)
  if (!node) return undefined
  const why = opened.includes(node.opType) ? obstacle(node, ranks(graph)) : undefined
  return { node, why: why ?? 'hides its weights' }
}
