import { isPatchGrid, outputOf, secondsAt, timeOf, type TimeGrid } from '../../contract/grid.ts'
import { stepsShown } from '../../contract/joined.ts'
import type { Run, TapCard } from '../../contract/run.ts'
import { sequenceOf, type Sequence } from '../../contract/sequence.ts'
import { elementCount, type Range } from '../../contract/tensor.ts'
import type { HeardWindow } from '../../contract/windows.ts'
import { bytesOf, bytesPerElement } from '../../formats/npy.ts'
import type { ArrayCard } from './array-file.ts'
import { arrayBlocks, planArray, type ArraySource, type AttentionLimits } from './array-source.ts'

/** The arrays of a region that was heard in several windows (docs/windows.md): joined where they have one time axis, else one of each window. */

export interface WindowArray {
  card: ArrayCard & { time?: Sequence }
  blocks(source: ArraySource, signal?: AbortSignal): AsyncIterable<Uint8Array>
}

/** Of a joined axis, the stretch that one window gave: `count` of its steps, from `from` on, are those from `at` on. */
export interface Piece {
  /** from 0 on */
  window: number
  at: number
  from: number
  count: number
  /** seconds of the recording: the centre of the stretch's first step, and the distance of two */
  start: number
  step: number
}

const gridOf = ({ grids }: Run, sequence: Sequence): TimeGrid => {
  if (sequence === 'features') return grids.features
  return sequence === 'output' ? outputOf(grids) : timeOf(grids.encoder)
}

export const piecesOf = (heard: readonly HeardWindow[], sequence: Sequence): Piece[] => {
  let at = 0
  return heard.map(({ index, window: { shown }, run }) => {
    const grid = gridOf(run, sequence)
    const [from, end] = stepsShown(grid, run.region, shown)
    const piece = { window: index, at, from, count: end - from, start: secondsAt(grid, from), step: grid.step }
    at += piece.count
    return piece
  })
}

/** What is read of a window's tensor: rows of its first axis, and of each its columns where not all are wanted. */
interface Slice {
  run: Run
  rows: Range
  columns?: Range
}

/** The arrays of one tap, in the order they are written. Throws `bad-input` for heads or steps that it does not have. */
export const windowArrays = (heard: readonly HeardWindow[], name: string, limits: AttentionLimits): WindowArray[] => {
  const tapOf = (run: Run): TapCard | undefined => run.taps.find(({ tap }) => tap === name)
  const first = heard[0] && tapOf(heard[0].run)
  if (!first) return []
  const sequence = sequenceOf(first)
  if (sequence) return joined(heard, first, sequence)
  if (first.axes[0] === 'label') return [stacked(heard, first, 'label', [0, first.shape[0] ?? 0])]
  return heard.flatMap(({ index, run }) => {
    const tap = tapOf(run)
    if (!tap) return []
    const plan = planArray(tap, limits)
    return [
      {
        card: { ...plan.card, name: `window.${index}.${name}` },
        blocks: (source, signal) => arrayBlocks(source, run, plan, signal),
      } satisfies WindowArray,
    ]
  })
}

const joined = (heard: readonly HeardWindow[], tap: TapCard, time: Sequence): WindowArray[] => {
  const pieces = piecesOf(heard, time)
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0)
  const card = { name: tap.tap, dtype: tap.dtype, time }
  const eachPiece = (slice: (run: Run, range: Range, row: number) => Slice, row = 0): Slice[] =>
    pieces.map(({ from, count }, i) => slice(heard[i]!.run, [from, from + count], row))
  const encoder = heard[0]!.run.grids.encoder
  if (time === 'encoder' && isPatchGrid(encoder)) {
    const { bands, special } = encoder
    const slice = (run: Run, [from, end]: Range, band: number): Slice => {
      const first = special + band * timeOf(run.grids.encoder).count
      return { run, rows: [first + from, first + end] }
    }
    const slices = Array.from({ length: bands }, (_, band) => eachPiece(slice, band)).flat()
    const width = tap.shape[1] ?? 1
    const array = arrayOf({ ...card, shape: [bands, count, width], axes: ['band', 'column', 'width'] }, slices)
    return special > 0 ? [array, stacked(heard, tap, 'special', [0, special], `${tap.tap}.special`)] : [array]
  }
  // Whisper's features: [mel, frame]
  if (time === 'features' && tap.axes[0] !== 'frame' && tap.shape.length > 1) {
    const rows = tap.shape[0] ?? 0
    const slice = (run: Run, columns: Range, row: number): Slice => ({ run, rows: [row, row + 1], columns })
    const slices = Array.from({ length: rows }, (_, row) => eachPiece(slice, row)).flat()
    return [arrayOf({ ...card, shape: [rows, count], axes: tap.axes }, slices)]
  }
  const slices = eachPiece((run, rows) => ({ run, rows }))
  return [arrayOf({ ...card, shape: [count, ...tap.shape.slice(1)], axes: tap.axes }, slices)]
}

/** Rows that have no place in time, of every window under another: [window, `axis`, …]. */
const stacked = (
  heard: readonly HeardWindow[],
  { tap, dtype, shape, axes }: TapCard,
  axis: string,
  rows: Range,
  name = tap,
): WindowArray =>
  arrayOf(
    {
      name,
      dtype,
      shape: [heard.length, rows[1] - rows[0], ...shape.slice(1)],
      axes: ['window', axis, ...axes.slice(1)],
    },
    heard.map(({ run }) => ({ run, rows })),
    tap,
  )

const arrayOf = (card: WindowArray['card'], slices: readonly Slice[], tap = card.name): WindowArray => ({
  card,
  blocks: (source) => slicesOf(source, tap, slices),
})

/** About this much is in memory at a time. */
const blockBytes = 8e6

async function* slicesOf({ store }: ArraySource, name: string, slices: readonly Slice[]): AsyncGenerator<Uint8Array> {
  for (const { run, rows, columns } of slices) {
    const { shape, dtype } = run.taps.find(({ tap }) => tap === name)!
    const step = columns
      ? 1
      : Math.max(1, Math.floor(blockBytes / (elementCount(shape.slice(1)) * bytesPerElement[dtype])))
    for (let row = rows[0]; row < rows[1]; row += step) {
      const { data } = store.tensor(run.id, name, [row, Math.min(rows[1], row + step)])
      yield bytesOf(columns ? data.slice(...columns) : data)
    }
  }
}
