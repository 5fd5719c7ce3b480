import { EngineError } from '../../../contract/errors.ts'
import type { Tiling, TimeGrid } from '../../../contract/grid.ts'
import type { SoundInput } from '../../../contract/model.ts'
import type { OnnxValue } from '../../../formats/onnx/graph.ts'
import { convolved, type Convolution, type Stem } from '../families/stem.ts'
import type { Reading } from '../sites.ts'
import { ancestors, original } from '../walk.ts'
import { wayTo, type Listing, type Passage } from './way.ts'

/** What a graph says of the spectrogram it takes; undefined where it leaves that open. */
export interface Picture {
  bands: number | undefined
  frames: number | undefined
  axes: ['mel', 'frame'] | ['frame', 'mel']
}

export interface FoundStem {
  /** null for a waveform */
  picture: Picture | null
  /** of a waveform, where the graph takes no other length */
  samples?: number
  /** whether the picture is cut into patches */
  hasPatches: boolean
  /** the stem over a picture of that size */
  stem(bands: number, frames: number): Stem
  /** rows of the table of positions, which is as long as the sequence; undefined where there is none */
  positions: number | undefined
  /** frames from one step to the next */
  step: number
}

const wrong = (sentence: string): EngineError => new EngineError('bad-model', sentence)

/** How the input becomes the first hidden state. Throws `bad-model` where it is no such input, or its steps cannot be followed. */
export const readStem = (from: Reading, input: OnnxValue, hidden: string, sound: SoundInput): FoundStem => {
  const { passages, listing, reach } = wayTo(from, input, hidden)
  const [first] = passages
  if (!first || passages.some(({ along }) => along.length > 2))
    throw wrong('the graph convolves over more than a plane')
  const isPlane = first.along.length === 2
  const hasPatches = isPlane && listing?.steps !== 'time'
  const common = { hasPatches, positions: positionsBefore(from, hidden) }
  if (sound === 'waveform') {
    checkWaveform(first, isPlane)
    const samples = input.shape.at(-1)
    const stem = { convolutions: passages.flatMap(({ along }) => along), patches: null }
    return {
      ...common,
      step: reach[0]!.step,
      picture: null,
      ...(typeof samples === 'number' && { samples }),
      stem: () => stem,
    }
  }
  const { frame, mel, ...picture } = pictureOf(input, first, listing)
  const along = (axis: number) => passages.flatMap((passage) => alongAxis(passage, axis) ?? [])
  const convolutions = along(frame)
  const step = convolutions.reduce((product, { stride }) => product * stride, 1)
  if (!hasPatches) return { ...common, step, picture, stem: () => ({ convolutions, patches: null }) }
  const patches = (bands: number, frames: number): Stem => {
    const { count: rows, ...reach } = along(mel).reduce(convolved, sequence(bands))
    const columns = convolutions.reduce(convolved, sequence(frames)).count
    const special = (common.positions ?? rows * columns) - rows * columns
    if (special < 0)
      throw wrong(
        `the graph has ${common.positions} positions, fewer than the ${rows} × ${columns} patches of its input`,
      )
    return { convolutions, patches: { bands: rows, special, mel: covered(reach) } }
  }
  return { ...common, step, picture, stem: patches }
}

/** What a passage does along an axis of the input; over one axis alone it is time's. */
const alongAxis = ({ along, axes }: Passage, axis: number): Convolution | undefined =>
  along.length === 1 ? along[0] : along[axes?.slice(2).indexOf(axis) ?? -1]

const sequence = (count: number) => ({ start: 0, step: 1, width: 1, count, valid: count })

/** What the results of convolutions see of the bins they moved over. */
const covered = ({ start, step, width }: Omit<TimeGrid, 'count'>): Tiling => ({
  first: start - (width - 1) / 2,
  step,
  size: width,
})

const checkWaveform = ({ channels }: Passage, isPlane: boolean): void => {
  if (isPlane) throw wrong('the graph takes a picture and no waveform: try --input filter-bank or log-mel')
  if (channels !== undefined && channels !== 1)
    throw wrong(`the graph takes ${channels} channels and no waveform: try --input log-mel or filter-bank`)
}

/** Whose axes are told by the first convolution: bands are its channels, or one side of its plane. */
const pictureOf = (input: OnnxValue, { channels, axes, along }: Passage, listing: Listing | null) => {
  const isPlane = along.length === 2
  const isChannel = isPlane ? channels !== 1 : channels === 1
  if (isChannel)
    throw wrong(
      isPlane
        ? `the graph takes pictures of ${channels} channels, and a spectrogram has one`
        : 'the graph takes one channel and no spectrogram: try --input waveform',
    )
  const [above, beside] = axes?.slice(isPlane ? 2 : 1) ?? []
  if (typeof above !== 'number' || typeof beside !== 'number')
    throw wrong(`which axes of ${input.name} are bands and frames cannot be read from the graph`)
  const size = (axis: number) => (typeof input.shape[axis] === 'number' ? input.shape[axis] : undefined)
  const isTurned =
    isPlane && (listing?.steps === 'time' ? listing.along === above : isLonger(size(above), size(beside)))
  const [mel, frame] = isTurned ? [beside, above] : [above, beside]
  if (isPlane && listing?.steps !== 'time' && (listing?.outer ?? above) !== mel)
    throw wrong('the graph lists its patches column by column, and only those listed band by band can be placed')
  const bands = isPlane ? size(mel) : channels
  const order: Picture['axes'] = mel < frame ? ['mel', 'frame'] : ['frame', 'mel']
  return { bands, frames: size(frame), axes: order, mel, frame }
}

/** A spectrogram has more frames than bands, and where one side is open that is time. */
const isLonger = (one: number | undefined, other: number | undefined): boolean =>
  other !== undefined && (one === undefined || one > other)

/** A table [1, step, width] or [step, width] that is added on the way to the first hidden state. */
const positionsBefore = ({ graph, constant }: Reading, hidden: string): number | undefined => {
  const needed = ancestors(graph, hidden)
  for (const node of graph.nodes) {
    if (node.opType !== 'Add' || !node.outputs.some((name) => needed.has(name) && !constant.has(name))) continue
    for (const name of node.inputs) {
      const dims = graph.initializers.get(original(graph, name))?.dims ?? []
      const [steps, batch] = [dims.at(-2), dims.length === 3 ? dims[0] : 1]
      if (steps !== undefined && steps > 1 && batch === 1 && dims.length <= 3 && dims.at(-1) !== 1) return steps
    }
  }
  return undefined
}
