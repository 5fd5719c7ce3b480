import { EngineError } from '../../../contract/errors.ts'
import type { Tiling } from '../../../contract/grid.ts'
import type { SoundInput } from '../../../contract/model.ts'
import type { OnnxValue } from '../../../formats/onnx/graph.ts'
import { convolved, type Convolution, type Stem } from '../families/stem.ts'
import type { Reading } from '../sites.ts'
import { ancestors, original } from '../walk.ts'
import { wayTo, type Passage } from './way.ts'

/** What a graph says of the spectrogram it takes; undefined where it leaves that open. */
export interface Picture {
  bands: number | undefined
  frames: number | undefined
  axes: ['mel', 'frame'] | ['frame', 'mel']
}

export interface FoundStem {
  /** null for a waveform */
  picture: Picture | null
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
  const { passages, reach } = wayTo(from, input, hidden)
  const [first] = passages
  const isPlane = passages.some(({ along }) => along.length === 2)
  if (!first || passages.some(({ along }) => along.length > 2) || (isPlane && passages.length > 1))
    throw wrong(
      `the graph goes through ${passages.length} convolutions, some of them over a plane: only steps in time and one layer of patches can be placed`,
    )
  const common = { hasPatches: isPlane, positions: positionsBefore(from, hidden), step: reach.step }
  if (sound === 'waveform') {
    checkWaveform(input, first, isPlane)
    return { ...common, picture: null, stem: () => ({ convolutions: times(passages), patches: null }) }
  }
  const picture = pictureOf(input, first, isPlane)
  if (!isPlane) return { ...common, picture, stem: () => ({ convolutions: times(passages), patches: null }) }
  const patches = (bands: number, frames: number): Stem => {
    const [rows, columns] = [bands, frames].map((count, i) => convolved(sequence(count), first.along[i]!).count)
    const all = rows! * columns!
    const special = (common.positions ?? all) - all
    if (special < 0)
      throw wrong(
        `the graph has ${common.positions} positions, fewer than the ${rows} × ${columns} patches of its input`,
      )
    return { convolutions: times(passages), patches: { bands: rows!, special, mel: covered(first.along[0]!) } }
  }
  return { ...common, picture, stem: patches }
}

const sequence = (count: number) => ({ start: 0, step: 1, width: 1, count, valid: count })

/** What the results of a convolution see of what it moves over. */
const covered = ({ kernel, stride, dilation, before }: Convolution): Tiling => ({
  first: 0 - before,
  step: stride,
  size: dilation * (kernel - 1) + 1,
})

const times = (passages: Passage[]) => passages.flatMap(({ along }) => along.slice(-1))

const checkWaveform = ({ shape }: OnnxValue, { channels }: Passage, isPlane: boolean): void => {
  const samples = shape.at(-1)
  if (isPlane) throw wrong('the graph takes a picture and no waveform: try --input filter-bank or log-mel')
  if (channels !== undefined && channels !== 1)
    throw wrong(`the graph takes ${channels} channels and no waveform: try --input log-mel or filter-bank`)
  if (typeof samples === 'number')
    throw wrong(`the graph takes exactly ${samples} samples: export it with a time axis of any length (dynamic_axes)`)
}

/** Whose axes are told by the convolution: bands are its channels or, of patches, the height of its picture. */
const pictureOf = (input: OnnxValue, { channels, axes }: Passage, isPlane: boolean): Picture => {
  const [mel, frame] = axes?.slice(isPlane ? 2 : 1) ?? []
  const isChannel = isPlane ? channels !== 1 : channels === 1
  if (isChannel)
    throw wrong(
      isPlane
        ? `the graph takes pictures of ${channels} channels, and a spectrogram has one`
        : 'the graph takes one channel and no spectrogram: try --input waveform',
    )
  if (typeof mel !== 'number' || typeof frame !== 'number')
    throw wrong(`which axes of ${input.name} are bands and frames cannot be read from the graph`)
  const size = (axis: number) => (typeof input.shape[axis] === 'number' ? input.shape[axis] : undefined)
  const [bands, frames] = [isPlane ? size(mel) : channels, size(frame)]
  if (isPlane && bands !== undefined && frames !== undefined && bands > frames)
    throw wrong(
      `the graph takes pictures of ${bands} rows and ${frames} columns: time seems to run downwards in them, and only patches listed band by band can be placed`,
    )
  return { bands, frames, axes: mel < frame ? ['mel', 'frame'] : ['frame', 'mel'] }
}

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
