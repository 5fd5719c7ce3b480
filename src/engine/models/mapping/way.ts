import { EngineError } from '../../../contract/errors.ts'
import type { TimeGrid } from '../../../contract/grid.ts'
import type { OnnxNode } from '../../../formats/onnx/graph.ts'
import { constantValues } from '../constants.ts'
import { convolved, type Convolution } from '../families/stem.ts'
import type { Reading } from '../sites.ts'
import { ancestors, original } from '../walk.ts'

/** A convolution or pooling that the sound goes through. */
export interface Passage {
  /** along each axis that it moves over, time the last of them */
  along: Convolution[]
  /** of what it takes; undefined where it has no weights or they do not show */
  channels: number | undefined
  /** the input's axis behind each axis of what it takes, null for one that was added; null where that does not show */
  axes: Axes
}

type Axes = (number | null)[] | null

/** What becomes of the graph's input on its way to a tensor. */
export interface Way {
  passages: Passage[]
  /** the axes since the last passage, or since the input */
  axes: Axes
  /** of a sequence of unit steps: how far apart the tensor's steps are, and how much each of them sees */
  reach: TimeGrid
}

const unmoved: TimeGrid = { start: 0, step: 1, width: 1, count: 0, valid: 0 }

/**
 * The way from the graph's input to `end`. Where branches meet it is that of the one whose steps see least: what a positional
 * convolution adds does not move a step. Throws `bad-model` where the steps cannot be followed.
 */
export const wayTo = (from: Reading, input: { name: string; shape: readonly unknown[] }, end: string): Way => {
  const needed = ancestors(from.graph, end)
  const start: Way = { passages: [], axes: input.shape.map((_, i) => i), reach: unmoved }
  const ways = new Map([[input.name, start]])
  for (const node of from.graph.nodes) {
    if (isOfShape(node) || !node.outputs.some((name) => needed.has(name))) continue
    // what activations were quantised by is one number, of no step
    const way = meeting(node.inputs.flatMap((name) => (from.scale.has(name) ? [] : (ways.get(name) ?? []))))
    if (!way) continue
    if (node.opType === 'Concat' && isTail(way, node, ways)) throw lost('puts tokens after its patches')
    const next = after(from, node, way)
    for (const output of node.outputs) ways.set(output, next)
  }
  const way = ways.get(end)
  if (way && way.passages.length > 0) return way
  throw lost('has no convolution between its input and its first layer')
}

const lost = (what: string): EngineError =>
  new EngineError('bad-model', `the graph ${what}, so where its steps lie in time cannot be read from it`)

const isOfShape = ({ opType }: OnnxNode): boolean => opType === 'Shape' || opType === 'Size'

const meeting = (ways: Way[]): Way | undefined => {
  const [first, ...others] = ways
  return others.reduce<Way | undefined>((best, way) => {
    if (best && way.reach.step !== best.reach.step) throw lost('joins branches of unlike steps')
    return best && best.reach.width <= way.reach.width ? best : way
  }, first)
}

/** Special tokens stand before the patches where they can be told from them. */
const isTail = ({ passages }: Way, { inputs }: OnnxNode, ways: ReadonlyMap<string, Way>): boolean =>
  passages.at(-1)?.along.length === 2 && !ways.has(inputs.at(-1) ?? '')

/** What moves steps in ways that are not followed. */
const unfollowed = new Set(['ConvTranspose', 'Resize', 'Upsample', 'Pad', 'STFT', 'DFT'])

const after = (from: Reading, node: OnnxNode, way: Way): Way => {
  const { opType } = node
  if (unfollowed.has(opType)) throw lost(`has ${opType} before its first layer`)
  if (/Conv|^(Average|Max)Pool$/.test(opType)) return through(from, node, way)
  return { ...way, axes: axesAfter(from, node, way) }
}

const through = (from: Reading, node: OnnxNode, { passages, axes, reach }: Way): Way => {
  const passage = { ...passageOf(from, node), axes }
  const time = passage.along.at(-1)
  if (!time) throw lost(`has a ${node.opType} whose kernel does not show`)
  // batch, channel, and what it moves over
  const own = [0, 1, ...passage.along.map((_, i) => i + 2)]
  return { passages: [...passages, passage], axes: own, reach: convolved(reach, time) }
}

const passageOf = ({ graph }: Reading, node: OnnxNode): Omit<Passage, 'axes'> => {
  const numbers = (name: string): number[] | undefined => {
    const value = node.attributes.get(name)
    return Array.isArray(value) ? value.map(Number) : undefined
  }
  if (String(node.attributes.get('auto_pad') ?? '').startsWith('SAME'))
    throw lost('pads a convolution by itself (auto_pad)')
  // QLinearConv: the scale and zero point of what it takes come before
  const operand = node.inputs[node.opType.startsWith('Q') ? 3 : 1] ?? ''
  const weights = graph.initializers.get(original(graph, operand))?.dims
  const kernels = numbers('kernel_shape') ?? weights?.slice(2) ?? []
  const pads = numbers('pads')
  const groups = Number(node.attributes.get('group') ?? 1)
  return {
    channels: weights?.[1] === undefined ? undefined : weights[1] * groups,
    along: kernels.map((kernel, i) => ({
      kernel,
      stride: numbers('strides')?.[i] ?? 1,
      dilation: numbers('dilations')?.[i] ?? 1,
      before: pads?.[i] ?? 0,
      after: pads?.[i + kernels.length] ?? 0,
    })),
  }
}

const axesAfter = ({ graph, source }: Reading, node: OnnxNode, { axes, passages }: Way): Axes => {
  const { opType, attributes, inputs } = node
  if (axes === null) return null
  if (opType === 'Transpose') {
    const order = attributes.get('perm')
    return Array.isArray(order) ? order.map((from) => axes[Number(from)] ?? null) : axes.toReversed()
  }
  if (opType === 'Reshape' || opType === 'Flatten') {
    // rows of patches follow one another, each a band
    const isTurned = axes.length === 4 && axes.indexOf(3) < axes.indexOf(2)
    if (passages.at(-1)?.along.length === 2 && isTurned) throw lost('lists its patches column by column')
    return null
  }
  if (opType !== 'Unsqueeze' && opType !== 'Squeeze') return axes
  const said = attributes.get('axes') ?? constantValues(graph, source, inputs[1] ?? '')
  if (!Array.isArray(said)) return null
  const rank = axes.length + (opType === 'Unsqueeze' ? said.length : 0)
  const places = said.map((place) => (Number(place) + rank) % rank)
  if (opType === 'Squeeze') return axes.filter((_, i) => !places.includes(i))
  const rest = [...axes]
  return Array.from({ length: rank }, (_, i) => (places.includes(i) ? null : (rest.shift() ?? null)))
}
