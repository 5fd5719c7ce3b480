import { messageOf } from '../../contract/errors.ts'
import type { ByteSource, OnnxAttribute, OnnxGraph, OnnxNode, OnnxValue, Span } from './graph.ts'
import { weightsName } from './attention-op.ts'
import { inOrder } from './order.ts'
import { readTensor } from './read-tensor.ts'
import { fields, fieldsOf, floatsOf, textOf, varintsOf, type Field } from './wire.ts'

const span = (field: Field): Span => ({ offset: field.offset, length: field.length })

const readAttribute = (source: ByteSource, field: Field): [string, OnnxAttribute | undefined] => {
  let name = ''
  let value: OnnxAttribute | undefined
  const numbers: number[] = []
  const texts: string[] = []
  for (const f of fieldsOf(source, field)) {
    if (f.number === 1) name = textOf(source, f)
    else if (f.number === 2) value = floatsOf(source, f, 4)[0] ?? 0
    else if (f.number === 3) value = f.value
    else if (f.number === 4) value = textOf(source, f)
    else if (f.number === 5) value = readTensor(source, f)
    else if (f.number === 6 || f.number === 11) value = { graph: span(f) }
    else if (f.number === 7) numbers.push(...floatsOf(source, f, 4))
    else if (f.number === 8) numbers.push(...varintsOf(source, f))
    else if (f.number === 9) texts.push(textOf(source, f))
  }
  if (numbers.length > 0) value = numbers
  if (texts.length > 0) value = texts
  return [name, value]
}

const readNode = (source: ByteSource, field: Field): OnnxNode => {
  const node: OnnxNode = {
    name: '',
    opType: '',
    domain: '',
    inputs: [],
    outputs: [],
    attributes: new Map(),
    span: span(field),
  }
  for (const f of fieldsOf(source, field)) {
    if (f.number === 1) node.inputs.push(textOf(source, f))
    else if (f.number === 2) node.outputs.push(textOf(source, f))
    else if (f.number === 3) node.name = textOf(source, f)
    else if (f.number === 4) node.opType = textOf(source, f)
    else if (f.number === 7) node.domain = textOf(source, f)
    else if (f.number === 5) {
      const [name, value] = readAttribute(source, f)
      if (value !== undefined) node.attributes.set(name, value)
    }
  }
  const weights = weightsName(node)
  return weights === undefined ? node : { ...node, weights }
}

/** A dimension: a number, a name, or '' where nothing is known. */
const readDimension = (source: ByteSource, field: Field): number | string => {
  for (const f of fieldsOf(source, field)) {
    if (f.number === 1) return f.value
    if (f.number === 2) return textOf(source, f)
  }
  return ''
}

const readValue = (source: ByteSource, field: Field): OnnxValue => {
  const value: OnnxValue = { name: '', dataType: 0, shape: [], span: span(field) }
  for (const f of fieldsOf(source, field)) {
    if (f.number === 1) value.name = textOf(source, f)
    if (f.number !== 2) continue
    for (const type of fieldsOf(source, f)) {
      if (type.number !== 1) continue // sequences, maps: no audio model has them
      for (const t of fieldsOf(source, type)) {
        if (t.number === 1) value.dataType = t.value
        if (t.number === 2) value.shape = Array.from(fieldsOf(source, t), (d) => readDimension(source, d))
      }
    }
  }
  return value
}

const readOpset = (source: ByteSource, field: Field, opsets: Map<string, number>): void => {
  let domain = ''
  let version = 0
  for (const f of fieldsOf(source, field)) {
    if (f.number === 1) domain = textOf(source, f)
    if (f.number === 2) version = f.value
  }
  opsets.set(domain === 'ai.onnx' ? '' : domain, version)
}

/** Reads the fields of a GraphProto into `graph`. */
const readGraphFields = (source: ByteSource, { offset, length }: Span, graph: OnnxGraph): void => {
  for (const f of fields(source, offset, offset + length)) {
    if (f.number === 1) graph.nodes.push(readNode(source, f))
    else if (f.number === 11) graph.inputs.push(readValue(source, f))
    else if (f.number === 12) graph.outputs.push(readValue(source, f))
    else if (f.number === 5) {
      const tensor = readTensor(source, f)
      graph.initializers.set(tensor.name, tensor)
    }
  }
}

/** The graph with its `producers` and `consumers`, and its nodes in the order they run. */
export const linked = (graph: OnnxGraph): OnnxGraph => {
  const [producers, consumers] = [new Map<string, OnnxNode>(), new Map<string, OnnxNode[]>()]
  for (const node of graph.nodes)
    for (const output of [...node.outputs, node.weights ?? '']) if (output !== '') producers.set(output, node)
  const nodes = inOrder(graph.nodes, producers)
  for (const node of nodes) {
    for (const input of new Set(node.inputs)) {
      if (input === '') continue
      const users = consumers.get(input)
      if (users) users.push(node)
      else consumers.set(input, [node])
    }
  }
  return { ...graph, nodes, producers, consumers }
}

const emptyGraph = (): OnnxGraph => ({
  irVersion: 0,
  isBranch: false,
  opsets: new Map(),
  producer: '',
  nodes: [],
  initializers: new Map(),
  inputs: [],
  outputs: [],
  producers: new Map(),
  consumers: new Map(),
})

/** A graph inside a node, as it is there: what it takes from around it is not in it, and nothing is linked. */
export const readGraphAt = (source: ByteSource, place: Span): OnnxGraph => {
  const graph = emptyGraph()
  readGraphFields(source, place, graph)
  return graph
}

const describeStart = (source: ByteSource): string => {
  const text = new TextDecoder().decode(source.read(0, Math.min(24, source.size)))
  if (text.startsWith('version https://git-lfs')) return 'it is a Git LFS pointer; fetch the file itself'
  if (text.trimStart().startsWith('<')) return 'it is a web page or XML'
  return 'its bytes are no ONNX model'
}

/**
 * Reads a model's structure and never its large weights; a `graph` field that is there more than once is merged, as protobuf
 * says. Throws an Error whose message completes "this is no model: …".
 */
export const readGraph = (source: ByteSource): OnnxGraph => {
  if (source.size === 0) throw new Error('it is empty')
  const graph = emptyGraph()
  try {
    for (const f of fields(source, 0, source.size)) {
      if (f.number === 1) graph.irVersion = f.value
      else if (f.number === 2) graph.producer = textOf(source, f)
      else if (f.number === 7) readGraphFields(source, f, graph)
      else if (f.number === 8) readOpset(source, f, graph.opsets)
    }
  } catch (error) {
    const why = messageOf(error)
    throw new Error(graph.irVersion > 0 ? `it is cut short or damaged: ${why}` : describeStart(source), {
      cause: error,
    })
  }
  if (graph.irVersion < 1 || graph.nodes.length === 0) throw new Error(describeStart(source))
  return checkMade(linked(graph))
}

/** The graph itself, in which everything a node takes comes from somewhere. Throws an Error else. */
export const checkMade = (graph: OnnxGraph): OnnxGraph => {
  const { nodes, producers, initializers, inputs } = graph
  const given = new Set(inputs.map((input) => input.name))
  for (const node of nodes)
    for (const name of node.inputs)
      if (name !== '' && !producers.has(name) && !initializers.has(name) && !given.has(name))
        throw new Error(`it is damaged: one of its nodes takes ${name.slice(0, 80)}, which nothing makes`)
  return graph
}

/** What a run must be fed: graph inputs that no initialiser gives a value. */
export const feeds = (graph: OnnxGraph): OnnxValue[] =>
  graph.inputs.filter((input) => !graph.initializers.has(input.name))
