import type { z } from 'zod'
import type { engine, Span } from '../../contract/engine.ts'
import type { FileAnswer } from '../../contract/file-answer.ts'
import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, outputOf, secondsAt, timeOf, type TimeGrid } from '../../contract/grid.ts'
import type { Run, TapCard } from '../../contract/run.ts'
import { parseTap, type Tap } from '../../contract/tap.ts'
import { elementCount } from '../../contract/tensor.ts'
import { bytesOf } from '../../formats/npy.ts'
import type { Processes } from '../parts.ts'
import { spanSteps } from '../span.ts'
import { arrayBlocks, headsOf, planArray, type ArraySource } from './array-source.ts'
import type { ArrayCard } from './array-file.ts'
import { csvOf, mostBytes, npzOf, type CsvLead, type SavedArray } from './save-bytes.ts'

export interface SaveSource extends Omit<ArraySource, 'values'> {
  queries: Processes['queries']
}
type SaveInput = z.output<(typeof engine)['runs.save']['input']>

/** An array with its first step along each axis. */
interface OffsetArray extends SavedArray {
  offsets: number[]
}

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
  const { format, tap, window } = input
  const { card, offsets } = array
  const answer = await (format === 'npz'
    ? npzOf({ ...run, taps: undefined, window, arrays: [{ ...card, offsets }] }, [array], { signal })
    : csvOf(array, csvLead(run, array), offsets.at(-1) ?? 0, { signal }))
  return { name: savedName(run, tap, format, window && `window ${window.index + 1} of ${window.count}`), ...answer }
}

/** `of`: of which windows, where there are several. */
export const savedName = ({ recording, model }: Run, tap: string, format: string, of = ''): string =>
  `${[recording.name.replace(/\.[^.]*$/, ''), model.id, tap, of].filter(Boolean).join(' ')}.${format}`

const arrayOf = async (source: SaveSource, run: Run, input: SaveInput, signal: AbortSignal): Promise<OffsetArray> => {
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
): Promise<OffsetArray> => {
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

/** The steps of the axes before the last come first, and the seconds of an encoder step. */
const csvLead = (run: Run, { card, offsets }: OffsetArray): CsvLead => {
  const axes = card.shape.length === 1 ? card.axes : card.axes.slice(0, -1)
  const grid = rowGrid(run, card)
  return {
    names: [...axes, ...(grid ? ['seconds'] : [])],
    of: (index) => {
      const steps = index.map((step, i) => step + (offsets[i] ?? 0))
      return [...steps, ...(grid ? [secondsAt(grid, steps.at(-1) ?? 0)] : [])]
    },
  }
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
