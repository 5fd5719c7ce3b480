import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../formats/onnx/graph.ts'
import { elementBytes } from '../../formats/onnx/read-tensor.ts'
import type { ModelGraph } from '../models/model.ts'
import { ancestors } from '../models/walk.ts'

/** What a graph's structure says about the memory and the work it will take. Everything is counted in elements, a weight in bytes. */

export const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1)

/** TensorProto.DataType of half precision. */
const halves = [10, 16]
const float = 4

/** Bytes of a weight as the CPU's kernels take it: they have no half precision, so that is cast up. */
const heldBytes = ({ dataType, dims }: OnnxTensor): number =>
  product(dims) * (halves.includes(dataType) ? float : elementBytes(dataType))

/**
 * Bytes of a graph's weights once loaded. One that is used turned round as well as it is (Whisper's embedding: looked up in, and turned
 * round the output projection) is there twice; one that is only multiplied with is packed for that and the original freed. A
 * quantised one that is made into floats before it is used stands beside them.
 */
const loadedBytes = ({ graph }: ModelGraph): number => {
  let bytes = 0
  for (const tensor of graph.initializers.values()) {
    const users = graph.consumers.get(tensor.name) ?? []
    const turned = users.filter((node) => node.opType === 'Transpose')
    const asItIs = users.filter((node) => node.opType !== 'Transpose')
    const forms = [
      ...(asItIs.length > 0 ? [asItIs] : []),
      ...turned.map(({ outputs: [name = ''] }) => graph.consumers.get(name) ?? []),
    ]
    for (const form of forms) {
      const isMadeFloat = form.some((node) => node.opType === 'DequantizeLinear')
      bytes += heldBytes(tensor) + (isMadeFloat ? float * product(tensor.dims) : 0)
    }
  }
  return bytes
}

/** Bytes of the originals that are cast up: they stay until their graph is loaded. */
const halfBytes = ({ graph }: ModelGraph): number =>
  [...graph.initializers.values()]
    .filter(({ dataType }) => halves.includes(dataType))
    .reduce((bytes, { dataType, dims }) => bytes + product(dims) * elementBytes(dataType), 0)

/** Bytes of the weights of graphs that are loaded one after the other and stay. */
export const weightBytes = (graphs: readonly ModelGraph[]): number =>
  graphs.reduce((bytes, graph) => bytes + loadedBytes(graph), 0) + Math.max(0, ...graphs.map(halfBytes))

/** Ops after which a constant is another constant: they are folded as the graph is loaded. */
const folded = new Set(['Transpose', 'Cast', 'Identity', 'Reshape', 'Unsqueeze', 'Squeeze'])

/** The initialiser behind an operand, through what folds it and what makes numbers of quantised ones. */
export const constantBehind = (graph: OnnxGraph, name: string): OnnxTensor | undefined => {
  const tensor = graph.initializers.get(name)
  const node = tensor ? undefined : graph.producers.get(name)
  if (!node || !(folded.has(node.opType) || node.opType === 'DequantizeLinear')) return tensor
  return constantBehind(graph, node.inputs[0] ?? '')
}

/** The widest result of a projection in the stack: its feed-forward layer's. */
export const widestProjection = ({ graph, top }: ModelGraph): number => {
  const needed = ancestors(graph, top)
  const widths = graph.nodes
    .filter((node) => /MatMul|Gemm/.test(node.opType) && node.outputs.some((output) => needed.has(output)))
    .flatMap((node) => [
      Number(node.attributes.get('N') ?? 0),
      ...node.inputs.map((input) => constantBehind(graph, input)?.dims ?? []).flatMap((dims) => pair(dims)),
    ])
  return Math.max(0, ...widths)
}

/** Both sides of a matrix: exporters write it down either way round. */
const pair = (dims: number[]): number[] => (dims.length === 2 ? dims : [])

/** What the convolutions before the first layer take and give, in elements. */
export interface Stem {
  /** of the largest tensor between them */
  largest: number
  /** of what has to be there at the same time */
  peak: number
}

/** A convolution of a graph: elements of its result, and how many products make each of them. */
export interface Convolution {
  output: number
  products: number
}

/** The convolutions of a graph, which come one after the other, from an input of `lengths`. */
export const convolutionsOf = ({ graph, top }: ModelGraph, lengths: number[]): Convolution[] => {
  const needed = ancestors(graph, top)
  let sizes = lengths
  return graph.nodes.flatMap((node) => {
    if (!/^(Fused)?Conv(Integer)?$/.test(node.opType) || !needed.has(node.outputs[0] ?? '')) return []
    const weight = constantBehind(graph, node.inputs[1] ?? '')
    if (!weight) return []
    sizes = convolved(node, weight.dims, sizes)
    const [channels = 0, ...products] = weight.dims
    return [{ output: channels * product(sizes), products: product(products) }]
  })
}

/**
 * What a graph's convolutions hold over an input of `channels` × `lengths`: beside each stands what it reads, and its result goes
 * through an activation that keeps it twice for a moment.
 */
export const stemOf = (graph: ModelGraph, channels: number, lengths: number[]): Stem => {
  let input = channels * product(lengths)
  const stem: Stem = { largest: input, peak: input }
  for (const { output } of convolutionsOf(graph, lengths)) {
    stem.largest = Math.max(stem.largest, output)
    stem.peak = Math.max(stem.peak, input + output, 2 * output)
    input = output
  }
  return stem
}

/** Lengths after a convolution: floor((length + pads − dilation · (kernel − 1) − 1) / stride) + 1 along each axis. */
const convolved = (node: OnnxNode, [, , ...kernel]: number[], lengths: number[]): number[] => {
  const rank = kernel.length
  const list = (name: string, value: number): number[] => {
    const given = node.attributes.get(name)
    return Array.isArray(given) ? given.map(Number) : Array<number>(2 * rank).fill(value)
  }
  const [pads, strides, dilations] = [list('pads', 0), list('strides', 1), list('dilations', 1)]
  return lengths.slice(-rank).map((length, i) => {
    const padded = length + (pads[i] ?? 0) + (pads[i + rank] ?? 0)
    return Math.max(1, Math.floor((padded - dilations[i]! * (kernel[i]! - 1) - 1) / strides[i]!) + 1)
  })
}
