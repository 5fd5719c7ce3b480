import { EngineError } from '../../../contract/errors.ts'
import type { TimeGrid } from '../../../contract/grid.ts'
import type { OnnxNode } from '../../../formats/onnx/graph.ts'
import { constantValues, shapeVector } from '../constants.ts'
import { convolved, type Convolution } from '../families/stem.ts'
import type { Reading } from '../sites.ts'
import { ancestors, original } from '../walk.ts'

/** A convolution or pooling that the sound goes through. */
export interface Passage {
  /** along each axis that it moves over */
  along: Convolution[]
  /** of what it takes; undefined where it has no weights or they do not show */
  channels: number | undefined
  /** of what it makes; that of what it takes where it has no weights */
  makes: number | undefined
  /** the input's axis behind each axis of what it takes, null for one that was added; null where that does not show */
  axes: Axes
}

type Axes = (number | null)[] | null

/** How what was made of a plane became a sequence: a place of it a step, those of one `outer` axis together, or only places along one axis. */
export type Listing = { steps: 'patches'; outer: number } | { steps: 'time'; along: number }

/** What becomes of the graph's input on its way to a tensor. */
export interface Way {
  passages: Passage[]
  /** the input's axis behind each axis of the tensor, as in `Passage` */
  axes: Axes
  /** what a node has padded the tensor by since the last passage: before and after, an entry for each axis */
  padded: { before: number[]; after: number[] } | null
  /** null while it is no sequence, or never was a plane */
  listing: Listing | null
  /** of a sequence of unit steps along each axis that passages moved over: how far apart the tensor's steps are, and how much each of them sees */
  reach: TimeGrid[]
}

const unmoved: TimeGrid = { start: 0, step: 1, width: 1, count: 0, valid: 0 }

/**
 * The way from the graph's input to `end`. Where branches meet it is that of the one whose steps see least: what a positional
 * convolution adds does not move a step. Throws `bad-model` where the steps cannot be followed.
 */
export const wayTo = (from: Reading, input: { name: string; shape: readonly unknown[] }, end: string): Way => {
  const needed = ancestors(from.graph, end)
  const start: Way = { passages: [], axes: input.shape.map((_, i) => i), padded: null, listing: null, reach: [] }
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
  if (way?.padded) throw lost('pads its steps before its first layer')
  if (way && way.passages.length > 0) return way
  throw lost('has no convolution between its input and its first layer')
}

const lost = (what: string): EngineError =>
  new EngineError('bad-model', `the graph ${what}, so where its steps lie in time cannot be read from it`)

const isOfShape = ({ opType }: OnnxNode): boolean => opType === 'Shape' || opType === 'Size'

const meeting = (ways: Way[]): Way | undefined => {
  const [first, ...others] = ways
  return others.reduce<Way | undefined>((best, way) => {
    if (best && !isEqual(stepsOf(best), stepsOf(way))) throw lost('joins branches of unlike steps')
    return best && widthOf(best) <= widthOf(way) ? best : way
  }, first)
}

const stepsOf = ({ reach }: Way): number[] => reach.map(({ step }) => step)
const isEqual = (a: number[], b: number[]): boolean => a.length === b.length && a.every((step, i) => step === b[i])
const widthOf = ({ reach }: Way): number => reach.reduce((sum, { width }) => sum + width, 0)

/** Special tokens stand before the patches where they can be told from them. */
const isTail = ({ reach }: Way, { inputs }: OnnxNode, ways: ReadonlyMap<string, Way>): boolean =>
  reach.length === 2 && !ways.has(inputs.at(-1) ?? '')

/** What moves steps in ways that are not followed. */
const unfollowed = new Set(['ConvTranspose', 'Resize', 'Upsample', 'STFT', 'DFT'])

const after = (from: Reading, node: OnnxNode, way: Way): Way => {
  const { opType } = node
  if (unfollowed.has(opType)) throw lost(`has ${opType} before its first layer`)
  if (opType === 'Pad') return { ...way, padded: paddingOf(from, node, way) }
  if (/Conv|^(Average|Max)Pool$/.test(opType)) return through(from, node, way)
  const isMoved = opType === 'Transpose' || opType === 'Reshape' || opType === 'Flatten'
  if (way.padded && isMoved) throw lost(`has ${opType} between a Pad and its convolution`)
  if (isMoved && opType !== 'Transpose' && way.axes?.length === 4 && way.reach.length === 2)
    return listed(from, node, way, way.axes)
  return { ...way, axes: axesAfter(from, node, way) }
}

/** With what came before: one Pad may pad what another did. */
const paddingOf = ({ graph, source }: Reading, node: OnnxNode, { padded }: Way): Way['padded'] => {
  const pads = node.attributes.get('pads') ?? constantValues(graph, source, node.inputs[1] ?? '')
  if (!Array.isArray(pads) || node.inputs[3] || pads.some((pad) => Number(pad) < 0))
    throw lost('has a Pad whose widths do not show before its first layer')
  const rank = pads.length / 2
  const sum = (side: number[], from: number) =>
    side.map((pad, i) => pad + (from === 0 ? (padded?.before[i] ?? 0) : (padded?.after[i] ?? 0)))
  return { before: sum(pads.slice(0, rank).map(Number), 0), after: sum(pads.slice(rank).map(Number), rank) }
}

const through = (from: Reading, node: OnnxNode, way: Way): Way => {
  const { passages, axes, reach } = way
  const { along, channels, makes = passages.at(-1)?.makes } = padding(passageOf(from, node), way)
  if (along.length === 0) throw lost(`has a ${node.opType} whose kernel does not show`)
  if (reach.length > 0 && reach.length !== along.length)
    throw lost('goes from convolutions over time to convolutions over a plane')
  const own = axes && [axes[0] ?? null, null, ...axes.slice(2)]
  const moved = along.map((one, i) => convolved(reach[i] ?? unmoved, one))
  return { ...way, passages: [...passages, { along, channels, makes, axes }], axes: own, padded: null, reach: moved }
}

/** What a node padded by is the convolution's own padding, where it pads nothing but what that moves over. */
const padding = (passage: Omit<Passage, 'axes'>, { padded }: Way): Omit<Passage, 'axes'> => {
  if (!padded) return passage
  const { before, after } = padded
  const others = before.length - passage.along.length
  if ([...before.slice(0, others), ...after.slice(0, others)].some((pad) => pad !== 0))
    throw lost('pads more than time and bands before its first layer')
  const along = passage.along.map((one, i) => ({
    ...one,
    before: one.before + before[others + i]!,
    after: one.after + after[others + i]!,
  }))
  return { ...passage, along }
}

/** From a plane to a sequence. Channels are the axis that is none of the input's. */
const listed = (from: Reading, node: OnnxNode, way: Way, axes: (number | null)[]): Way => {
  const [, first = null, second = null, third = null] = axes
  const { makes, axes: taken } = way.passages.at(-1)!
  const patches = (outer: number): Way => ({ ...way, axes: null, listing: { steps: 'patches', outer } })
  if (first === null && second !== null && third !== null) return patches(second)
  if (first === null) throw unclear()
  if (third === null) {
    const width = shapeVector(from.graph, from.source, node.inputs[1] ?? '')?.at(-1)
    if (!width || width < 0 || makes === undefined) throw unclear()
    if (width === makes) return patches(first)
  }
  const at = taken?.slice(2).indexOf(first) ?? 0
  const reach = way.reach.slice(at, at + 1)
  return { ...way, axes: [axes[0] ?? null, first, null], listing: { steps: 'time', along: first }, reach }
}

const unclear = (): EngineError => lost('makes a sequence of its convolutions’ results in a way that does not show')

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
    makes: weights?.[0],
    along: kernels.map((kernel, i) => ({
      kernel,
      stride: numbers('strides')?.[i] ?? 1,
      dilation: numbers('dilations')?.[i] ?? 1,
      before: pads?.[i] ?? 0,
      after: pads?.[i + kernels.length] ?? 0,
    })),
  }
}

const axesAfter = ({ graph, source }: Reading, node: OnnxNode, { axes }: Way): Axes => {
  const { opType, attributes, inputs } = node
  if (axes === null) return null
  if (opType === 'Transpose') {
    const order = attributes.get('perm')
    return Array.isArray(order) ? order.map((from) => axes[Number(from)] ?? null) : axes.toReversed()
  }
  if (opType === 'Reshape' || opType === 'Flatten') return null
  if (opType !== 'Unsqueeze' && opType !== 'Squeeze') return axes
  const said = attributes.get('axes') ?? constantValues(graph, source, inputs[1] ?? '')
  if (!Array.isArray(said)) return null
  const rank = axes.length + (opType === 'Unsqueeze' ? said.length : 0)
  const places = said.map((place) => (Number(place) + rank) % rank)
  if (opType === 'Squeeze') return axes.filter((_, i) => !places.includes(i))
  const rest = [...axes]
  return Array.from({ length: rank }, (_, i) => (places.includes(i) ? null : (rest.shift() ?? null)))
}
