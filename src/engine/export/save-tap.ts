import type { z } from 'zod'
import type { engine, FileAnswer, Span } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, outputOf, secondsAt, timeOf, type TimeGrid } from '../../contract/grid.ts'
import type { Run, TapCard } from '../../contract/run.ts'
import { parseTap, type Tap } from '../../contract/tap.ts'
import { elementCount, type DType, type DataTypeMap } from '../../contract/tensor.ts'
import { csvLine } from '../../formats/csv.ts'
import { bytesOf, bytesPerElement, valuesOf } from '../../formats/npy.ts'
import { npzWriter, textTensor } from '../../formats/npz.ts'
import { createPace } from '../pace.ts'
import type { Processes } from '../parts.ts'
import { spanSteps } from '../span.ts'
import { arrayBlocks, headsOf, planArray, type ArraySource } from './array-source.ts'
import type { ArrayCard } from './array-file.ts'

export interface SaveSource extends Omit<ArraySource, 'values'> {
  queries: Processes['queries']
}
type SaveInput = z.output<(typeof engine)['runs.save']['input']>

/** An array to save: its first step along each axis, and its values in blocks of rows. */
interface SavedArray {
  card: ArrayCard
  offsets: number[]
  blocks: AsyncIterable<Uint8Array>
}

const mostBytes = { npz: 512e6, csv: 32e6 }

/**
 * The numbers of one tap as a file: as the model computed them, or, where spans of AST's attention are asked for, as a
 * pane shows them, folded onto its time columns.
 */
export const saveTap = async (
  source: SaveSource,
  run: Run,
  input: SaveInput,
  signal: AbortSignal,
): Promise<FileAnswer> => {
  const array = await arrayOf(source, run, input, signal)
  if (elementCount(array.card.shape) * 4 > mostBytes[input.format])
    throw new EngineError(
      'bad-input',
      `${input.tap} has ${array.card.shape.join(' × ')} values, too many for one ${input.format.toUpperCase()}: choose a shorter range or fewer heads`,
    )
  const name = `${run.recording.name.replace(/\.[^.]*$/, '')} ${run.model.id} ${input.tap}.${input.format}`
  const answer = await (input.format === 'npz' ? npzOf : csvOf)(run, array, signal)
  return { name, ...answer }
}

const arrayOf = async (source: SaveSource, run: Run, input: SaveInput, signal: AbortSignal): Promise<SavedArray> => {
  const tap = run.taps.find(({ tap }) => tap === input.tap)
  const parsed = parseTap(input.tap)
  if (!tap || !parsed) throw new EngineError('not-found', `the run of ${run.model.id} has no ${input.tap}`)
  const isAttention = parsed.kind === 'attention' || parsed.kind === 'cross'
  const isSpan = input.queries !== undefined || input.keys !== undefined
  if (isAttention && isSpan && isPatchGrid(run.grids.encoder)) return foldedArray(source, run, tap, input, signal)
  const [queryGrid, keyGrid] = isAttention ? attentionGrids(run, parsed) : [null, null]
  const limit = (span: Span | undefined, grid: TimeGrid | null, axis: number) =>
    span && isAttention ? spanSteps(span, grid, tap.shape[axis] ?? 0) : undefined
  const plan = planArray(tap, {
    heads: input.heads,
    rows: limit(input.queries, queryGrid, 1),
    keys: limit(input.keys, keyGrid, 2),
  })
  const values = source.queries.attentionValues
  return {
    card: plan.card,
    offsets: plan.attention ? [0, plan.attention.rows[0], plan.attention.keys[0]] : plan.card.shape.map(() => 0),
    blocks: arrayBlocks({ ...source, values }, run, plan, signal),
  }
}

/** Grids of an attention tap's queries and keys; null where they are tokens. */
const attentionGrids = (run: Run, tap: Tap): [TimeGrid | null, TimeGrid | null] => {
  const time = timeOf(run.grids.encoder)
  if (tap.kind === 'cross') return [null, time]
  return tap.kind === 'attention' && tap.side === 'encoder' ? [time, time] : [null, null]
}

const queryColumn = 'query column'
const wholeSpan: Span = { unit: 'all' }
/** No raster is wider: at this size nothing is pooled. */
const largest = 4096

const foldedArray = async (
  source: SaveSource,
  run: Run,
  tap: TapCard,
  input: SaveInput,
  signal: AbortSignal,
): Promise<SavedArray> => {
  const heads = headsOf(tap.tap, input.heads, tap.shape[0] ?? 0)
  const query = {
    run: input.run,
    tap: input.tap,
    queries: input.queries ?? wholeSpan,
    keys: input.keys ?? wholeSpan,
    width: largest,
    height: largest,
    modelFolder: source.modelFolder,
    modelVariant: run.model.variant,
  }
  const list = heads.filter((head) => typeof head === 'number')
  const { maps } = await source.queries.attention(
    { ...query, heads: list.length > 0 ? list : heads[0] === 'max' ? 'max' : 'mean' },
    { signal },
  )
  const [first] = maps
  if (!first) throw new EngineError('internal', 'the attention query gave no map')
  const { rows, columns, source: from } = first.raster
  return {
    card: {
      name: tap.tap,
      dtype: 'float32',
      shape: [maps.length, rows, columns],
      axes: ['head', queryColumn, 'key column'],
    },
    offsets: [0, from.rows[0], from.columns[0]],
    blocks: (async function* () {
      for (const { raster } of maps) yield bytesOf(raster.data)
    })(),
  }
}

type Format = (run: Run, array: SavedArray, signal: AbortSignal) => Promise<Omit<FileAnswer, 'name'>>

/** Taken at a time: its checksum holds the thread for a millisecond or two. */
const sliceBytes = 2 ** 20

const npzOf: Format = async (run, { card, offsets, blocks }, signal) => {
  const pieces: Uint8Array[] = []
  const archive = npzWriter((bytes) => void pieces.push(bytes))
  const text = textTensor(JSON.stringify({ ...run, taps: undefined, arrays: [{ ...card, offsets }] }))
  archive.begin('__metadata__', text.dtype, text.shape)
  archive.push(text.data)
  archive.end()
  archive.begin(card.name, card.dtype, card.shape)
  const pace = createPace(signal)
  for await (const block of blocks)
    for (let at = 0; at < block.length; at += sliceBytes) {
      archive.push(block.subarray(at, at + sliceBytes))
      await pace()
    }
  archive.end()
  archive.close()
  return { mime: 'application/octet-stream', bytes: new Uint8Array(Buffer.concat(pieces)) }
}

/** A line per row of the last axis; the steps of the other axes come first, and the seconds of an encoder step. */
const csvOf: Format = async (run, array, signal) => {
  const { card, offsets } = array
  const isVector = card.shape.length === 1
  const [axes, last] = isVector ? [card.axes, null] : [card.axes.slice(0, -1), card.axes.at(-1) ?? '']
  const grid = rowGrid(run, card)
  const width = isVector ? 1 : (card.shape.at(-1) ?? 1)
  const from = offsets.at(-1) ?? 0
  const columns = last === null ? ['value'] : Array.from({ length: width }, (_, i) => `${last} ${from + i}`)
  const pieces: Uint8Array[] = []
  let text = csvLine([...axes, ...(grid ? ['seconds'] : []), ...columns])
  const pace = createPace(signal)
  let row = 0
  for await (const block of array.blocks) {
    const values = valuesOf(card.dtype, block, 0, block.length / bytesPerElement[card.dtype])
    for (let at = 0; at < values.length; at += width, row++) {
      const index = rowIndex(row, card.shape.slice(0, axes.length)).map((step, i) => step + (offsets[i] ?? 0))
      const time = grid ? [secondsAt(grid, index.at(-1) ?? 0)] : []
      text += csvLine([...index, ...time, ...numbersOf(values, at, width)])
      if (text.length >= sliceBytes) {
        pieces.push(Buffer.from(text))
        text = ''
      }
      await pace()
    }
  }
  return { mime: 'text/csv', bytes: new Uint8Array(Buffer.concat([...pieces, Buffer.from(text)])) }
}

const numbersOf = (values: DataTypeMap[DType], at: number, width: number): number[] =>
  Array.from({ length: width }, (_, i) => Number(values[at + i]))

/** The position of a row along each of the axes before the last. */
const rowIndex = (row: number, shape: number[]): number[] => {
  const index: number[] = []
  let rest = row
  for (const size of shape.toReversed()) {
    index.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return index
}

/** Where the rows lie in seconds; null where they are tokens, patches or bands. */
const rowGrid = (run: Run, card: ArrayCard): TimeGrid | null => {
  const parsed = parseTap(card.name)
  const isPatches = isPatchGrid(run.grids.encoder) && !card.axes.includes(queryColumn)
  if (parsed?.kind === 'attention' && parsed.side === 'encoder') return isPatches ? null : timeOf(run.grids.encoder)
  if (card.axes.at(0) === 'frame') return run.grids.features
  if (card.axes.at(0) !== 'step' || isPatches) return null
  return parsed?.kind === 'hidden' ? timeOf(run.grids.encoder) : outputOf(run.grids)
}
