import type { ByteSource, OnnxAttribute, OnnxGraph, OnnxTensor } from '../../formats/onnx/graph.ts'
import { smallValues } from '../../formats/onnx/read-tensor.ts'

/** Every tensor that is computed from initialisers alone: exporters share equal biases through `Identity`. */
const constantTensors = (graph: OnnxGraph): Set<string> => {
  const constant = new Set(graph.initializers.keys())
  for (const node of graph.nodes) {
    const inner = [...node.attributes.values()].some((a) => typeof a === 'object' && 'graph' in a)
    const known = node.opType === 'Constant' || (node.inputs.length > 0 && node.inputs.every((i) => constant.has(i)))
    if (known && !inner && !node.opType.startsWith('Random')) for (const output of node.outputs) constant.add(output)
  }
  return constant
}

/**
 * Every tensor that is computed from constants and from the scales and zero points activations are quantised with: what a weighted sum
 * of integers is multiplied by, and nothing that a layer passes on.
 */
const scaleTensors = (graph: OnnxGraph, constant: ReadonlySet<string>): Set<string> => {
  const scales = new Set(constant)
  for (const node of graph.nodes) {
    if (node.opType === 'DynamicQuantizeLinear') for (const output of node.outputs.slice(1)) scales.add(output)
    else if (node.inputs.length > 0 && node.inputs.every((input) => scales.has(input)))
      for (const output of node.outputs) scales.add(output)
  }
  return scales
}

/** Both sets of a graph: `scale` holds `constant`. */
export const knownTensors = (graph: OnnxGraph): { constant: Set<string>; scale: Set<string> } => {
  const constant = constantTensors(graph)
  return { constant, scale: scaleTensors(graph, constant) }
}

const isTensor = (value: OnnxAttribute): value is OnnxTensor => typeof value === 'object' && 'dims' in value

/** Values of a small constant that is written down as such, at most renamed, cast or unsqueezed on the way; else undefined. */
export const constantValues = (graph: OnnxGraph, source: ByteSource, name: string): number[] | undefined => {
  const tensor = graph.initializers.get(name)
  if (tensor) return smallValues(source, tensor)
  const node = graph.producers.get(name)
  if (node && ['Identity', 'Cast', 'Unsqueeze', 'Squeeze'].includes(node.opType))
    return constantValues(graph, source, node.inputs[0] ?? '')
  if (node?.opType !== 'Constant') return undefined
  const [value] = node.attributes.values()
  if (value === undefined) return undefined
  if (typeof value === 'number') return [value]
  if (isTensor(value)) return smallValues(source, value)
  return Array.isArray(value) && value.every((v) => typeof v === 'number') ? value : undefined
}

/**
 * A shape that a `Reshape` is given, an entry per dimension: null where it is worked out at run time. Undefined where not even
 * the number of dimensions shows.
 */
export const shapeVector = (graph: OnnxGraph, source: ByteSource, name: string): (number | null)[] | undefined => {
  const values = constantValues(graph, source, name)
  if (values) return values
  const node = graph.producers.get(name)
  if (node?.opType !== 'Concat') return undefined
  return node.inputs.flatMap((part) => constantValues(graph, source, part) ?? [null])
}
