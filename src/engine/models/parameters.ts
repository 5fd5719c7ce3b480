import type { Inspection } from '../../contract/model.ts'
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../formats/onnx/graph.ts'
import { isFloat } from '../../formats/onnx/read-tensor.ts'
import { knownTensors } from './constants.ts'
import type { Model, ModelGraph } from './model.ts'
import { isSetting, packedShape } from './operators.ts'
import type { Reading } from './sites.ts'
import { ancestors } from './walk.ts'

/** An initialiser as the float32 model has it. */
interface Weight {
  tensor: OnnxTensor
  /** rows and columns where the file has packed blocks */
  dims: number[]
}

const size = (dims: number[]): number => dims.reduce((n, d) => n * d, 1)

const isVector = (dims: number[]): boolean => dims.filter((d) => d > 1).length <= 1

const [uint8, int8, int32, uint4, int4] = [2, 3, 6, 21, 22]

type From = Pick<Reading, 'graph' | 'constant' | 'scale'>

/** The uses of a tensor that are no scale or zero point; what only makes scales has none. */
const valueUses = ({ graph, scale, constant }: From, name: string): OnnxNode[] =>
  (graph.consumers.get(name) ?? []).filter((node) => {
    const makesScale = node.outputs.every((output) => scale.has(output) && !constant.has(output))
    return !makesScale && node.inputs.some((input, i) => input === name && !isSetting(node, i))
  })

/** Floats are weights; whole numbers are where quantised operators or DequantizeLinear read them as values, and else shapes and places. */
const weightOf = (from: From, tensor: OnnxTensor): Weight | undefined => {
  const uses = valueUses(from, tensor.name)
  const packed = uses.map(packedShape).find((shape) => shape !== undefined)
  const { dataType } = tensor
  const isQuantised = [uint8, int8, uint4, int4].includes(dataType)
  const isBias = dataType === int32 && uses.some((node) => node.opType === 'DequantizeLinear')
  if (uses.length === 0 || !(isFloat(dataType) || isQuantised || isBias)) return undefined
  const weight = { tensor, dims: packed ?? unpacked(tensor, uses) }
  return size(weight.dims) < 2 ? undefined : weight
}

/** GatherBlockQuantized reads two 4-bit values from a byte. */
const unpacked = ({ dataType, dims }: OnnxTensor, uses: OnnxNode[]): number[] => {
  const gather = uses.find((node) => node.opType === 'GatherBlockQuantized')
  const isPair = dataType === uint8 && gather && (gather.attributes.get('bits') ?? 4) === 4
  return isPair ? dims.map((d, i) => (i === dims.length - 1 ? 2 * d : d)) : dims
}

/**
 * The tensors one initialiser stands for. Exporters keep equal tensors once and hand them out through `Identity`. Equal matrices
 * are tied weights, one parameter; equal vectors (untrained biases, norms, class tokens) are parameters of their own.
 */
const parameters = (graph: OnnxGraph, { tensor, dims }: Weight): string[] => {
  const users = graph.consumers.get(tensor.name) ?? []
  if (!isVector(dims)) return [tensor.name]
  const aliases = users.filter((node) => node.opType === 'Identity').map((node) => node.outputs[0] ?? '')
  return users.length > aliases.length ? [tensor.name, ...aliases] : aliases
}

interface Counted {
  stack: number
  rest: Weight[]
  all: Weight[]
}

/** Parameters of a graph that its stack's last tensor needs, and the others. Shapes, single numbers, scales and zero points are none. */
const countGraph = ({ graph, top }: ModelGraph): Counted => {
  const from = { graph, ...knownTensors(graph) }
  const needed = ancestors(graph, top)
  const all = [...graph.initializers.values()].flatMap((tensor) => weightOf(from, tensor) ?? [])
  let stack = 0
  const rest: Weight[] = []
  for (const weight of all)
    for (const name of parameters(graph, weight)) {
      if (needed.has(name)) stack += size(weight.dims)
      else rest.push(weight)
    }
  return { stack, rest, all }
}

/** A head that is the embedding written down a second time: turned round, or in the precision that the quantised one lost. */
const isTied = (config: Model['config'], { tensor, dims }: Weight, others: Weight[]): boolean =>
  config['tie_word_embeddings'] !== false &&
  dims.length === 2 &&
  dims[0] !== dims[1] &&
  others.some(
    (other) => other.tensor !== tensor && [dims, dims.toReversed()].some((d) => d.join() === other.dims.join()),
  )

/**
 * Parameters by part, as PyTorch counts them but for two things an export folds away: a weight-normed convolution has one weight
 * (g · v), and what only training uses (Wav2Vec2's masked_spec_embed) is not there.
 */
export const countParameters = (model: Pick<Model, 'config' | 'encoder' | 'decoder'>): Inspection['parameters'] => {
  const encoder = countGraph(model.encoder)
  const decoder = model.decoder ? countGraph(model.decoder) : { stack: 0, rest: [], all: [] }
  const head = [...encoder.rest, ...decoder.rest.filter((weight) => !isTied(model.config, weight, decoder.all))]
  const parts = {
    encoder: encoder.stack,
    decoder: decoder.stack,
    head: head.reduce((n, { dims }) => n + size(dims), 0),
  }
  return { total: parts.encoder + parts.decoder + parts.head, ...parts }
}
