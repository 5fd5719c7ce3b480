import { concat } from '../concat.ts'
import { askingForWeights } from './attention-op.ts'
import { bytesField, integerField, textField } from './encode.ts'
import type { ByteSource, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './graph.ts'
import { fields, fieldsOf } from './wire.ts'

/** Small models made of a stock graph that hold no weights themselves but point at the stock files (design §1.1, §1.3). */

/** The file name, beside the skeleton, under which the bytes of the stock model (`null`) or of its external file lie. */
export type WeightsFile = (location: string | null) => string

/** Weights from this size on are pointed at; smaller ones (shapes, scales, biases) are copied. */
const largeBytes = 1024

const message = (source: ByteSource, number: number, { span }: { span: OnnxNode['span'] }): Uint8Array =>
  bytesField(number, source.read(span.offset, span.length))

const pointer = (tensor: OnnxTensor, file: string): Uint8Array => {
  const entry = (key: string, value: string) => bytesField(13, textField(1, key), textField(2, value))
  return bytesField(
    5,
    ...tensor.dims.map((size) => integerField(1, size)),
    integerField(2, tensor.dataType),
    textField(8, tensor.name),
    entry('location', file),
    entry('offset', String(tensor.data.offset)),
    entry('length', String(tensor.data.length)),
    integerField(14, 1), // data_location: EXTERNAL
  )
}

const initializer = (source: ByteSource, tensor: OnnxTensor, weightsFile: WeightsFile): Uint8Array => {
  const external = tensor.data.location !== null
  const large = tensor.raw && tensor.data.length >= largeBytes
  return external || large ? pointer(tensor, weightsFile(tensor.data.location)) : message(source, 5, tensor)
}

/** A node as it is, or giving its weights where they are among the tensors `wanted`. */
const nodeMessage = (source: ByteSource, node: OnnxNode, wanted: readonly string[]): Uint8Array => {
  if (node.part) return bytesField(1, node.part.bytes)
  const isAsked = node.weights !== undefined && !node.outputs.includes(node.weights) && wanted.includes(node.weights)
  return isAsked ? bytesField(1, askingForWeights(source, node)) : message(source, 1, node)
}

/** The file's own nodes, but for fused ones that have a tensor of `wanted` inside them: those as their parts. */
const leastOpened = ({ nodes, producers }: OnnxGraph, wanted: readonly string[]): OnnxNode[] => {
  const inside = wanted.map((name) => ({ name, fused: producers.get(name)?.part?.of }))
  const opened = new Set(inside.map(({ name, fused }) => (fused?.outputs.includes(name) ? undefined : fused)))
  return [...new Set(nodes.map((node) => (node.part && !opened.has(node.part.of) ? node.part.of : node)))]
}

/** Everything of the model but its graph (versions, opsets, local functions), as it is. */
const envelope = (source: ByteSource): Uint8Array[] =>
  Array.from(fields(source, 0, source.size))
    .filter((f) => f.number !== 7)
    .map((f) => source.read(f.start, f.offset + f.length - f.start))

/** Fields of the graph other than nodes (1), initialisers (5), inputs (11) and outputs (12), as they are. */
const graphRest = (source: ByteSource, keep: (number: number) => boolean): Uint8Array[] =>
  Array.from(fields(source, 0, source.size))
    .filter((f) => f.number === 7)
    .flatMap((graph) => Array.from(fieldsOf(source, graph)))
    .filter((f) => ![1, 5, 11, 12].includes(f.number) && keep(f.number))
    .map((f) => source.read(f.start, f.offset + f.length - f.start))

/**
 * The whole stock graph with `outputs` exposed as well; those that are outputs already are not repeated (a duplicate would be
 * accepted in silence). A name is enough: the runtime infers the type. Throws where no node makes an output.
 */
export const skeleton = (
  graph: OnnxGraph,
  source: ByteSource,
  options: { outputs: string[]; weightsFile: WeightsFile },
): Uint8Array<ArrayBuffer> => {
  const present = new Set(graph.outputs.map((output) => output.name))
  const added = [...new Set(options.outputs)].filter((name) => !present.has(name))
  for (const name of added) if (!graph.producers.has(name)) throw new Error(`no node makes the tensor ${name}`)
  return concat([
    ...envelope(source),
    bytesField(
      7,
      // of a branch the name alone: types of the model's own tensors mean nothing in it
      ...graphRest(source, (number) => !graph.isBranch || number === 2),
      ...leastOpened(graph, options.outputs).map((node) => nodeMessage(source, node, options.outputs)),
      ...Array.from(graph.initializers.values(), (tensor) => initializer(source, tensor, options.weightsFile)),
      ...graph.inputs.map((input) => message(source, 11, input)),
      ...graph.outputs.map((output) => message(source, 12, output)),
      ...added.map((name) => bytesField(12, textField(1, name))),
    ),
  ])
}

/** A tensor that becomes an input of a cut: its type, and its shape where the rank is known. */
export interface CutInput {
  name: string
  /** TensorProto.DataType; 1 is float32 */
  dataType: number
  /** a number, or the name of a dynamic dimension; null where the rank is not known */
  shape: (number | string)[] | null
}

const declare = ({ name, dataType, shape }: CutInput): Uint8Array => {
  const dimension = (size: number | string) =>
    bytesField(1, typeof size === 'number' ? integerField(1, size) : textField(2, size))
  const rank = shape ? [bytesField(2, ...shape.map(dimension))] : []
  return bytesField(11, textField(1, name), bytesField(2, bytesField(1, integerField(1, dataType), ...rank)))
}

interface Reached {
  nodes: Set<OnnxNode>
  initializers: Set<string>
  inputs: Set<string>
}

/** What `outputs` need, back to the tensors of `stops`. */
const ancestors = (graph: OnnxGraph, outputs: string[], stops: Set<string>): Reached => {
  const reached: Reached = { nodes: new Set(), initializers: new Set(), inputs: new Set() }
  const inputs = new Set(graph.inputs.map((input) => input.name))
  const waiting = [...outputs]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = graph.producers.get(name)
    if (name === '') continue
    else if (stops.has(name)) reached.inputs.add(name)
    else if (graph.initializers.has(name)) reached.initializers.add(name)
    else if (inputs.has(name)) reached.inputs.add(name)
    else if (!node) throw new Error(`no node makes the tensor ${name}`)
    else if (!reached.nodes.has(node)) {
      if ([...node.attributes.values()].some((a) => typeof a === 'object' && 'graph' in a))
        throw new Error(`${name} is made by ${node.opType}, whose inner graph cannot be cut`)
      reached.nodes.add(node)
      waiting.push(...node.inputs)
    }
  }
  return reached
}

/**
 * The nodes that `outputs` need, back to `inputs`; `inputs` of the answer are all the tensors the cut must be fed: those of
 * `inputs` that were reached and the graph inputs found on the way. An output that is one of `inputs` is refused.
 */
export const cut = (
  graph: OnnxGraph,
  source: ByteSource,
  options: { inputs: CutInput[]; outputs: string[]; weightsFile: WeightsFile },
): { bytes: Uint8Array<ArrayBuffer>; inputs: OnnxValue[] } => {
  const given = new Map(options.inputs.map((input) => [input.name, input]))
  for (const name of options.outputs)
    if (!graph.producers.has(name) || given.has(name)) throw new Error(`no cut makes the tensor ${name}`)
  const reached = ancestors(graph, options.outputs, new Set(given.keys()))
  const cutInputs = options.inputs.filter((input) => reached.inputs.has(input.name))
  const stockInputs = graph.inputs.filter((input) => reached.inputs.has(input.name) && !given.has(input.name))
  // before IR 4 an initialiser had to be declared as an input as well
  const declared = graph.inputs.filter((input) => reached.initializers.has(input.name))
  const kept = [...graph.initializers.values()].filter((tensor) => reached.initializers.has(tensor.name))
  const bytes = concat([
    ...envelope(source),
    bytesField(
      7,
      ...graphRest(source, (number) => number === 2), // the graph's name; intermediate types would be stale
      ...graph.nodes
        .filter((node) => reached.nodes.has(node))
        .map((node) => nodeMessage(source, node, options.outputs)),
      ...kept.map((tensor) => initializer(source, tensor, options.weightsFile)),
      ...cutInputs.map(declare),
      ...[...stockInputs, ...declared].map((input) => message(source, 11, input)),
      ...options.outputs.map((name) => bytesField(12, textField(1, name))),
    ),
  ])
  const fed = cutInputs.map((input) => ({ ...input, shape: input.shape ?? [], span: { offset: 0, length: 0 } }))
  return { bytes, inputs: [...fed, ...stockInputs] }
}
