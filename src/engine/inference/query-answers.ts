import type { AttentionLine, AttentionMap } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { LayerHeads } from '../../contract/heads.ts'
import type { Handlers } from '../../contract/contract.ts'
import type { inference } from '../../contract/inference.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { headReducer } from '../analysis/head-reducer.ts'
import { spanSteps } from '../span.ts'
import { eachBlock, headList, keepAudio, paddingShare, rowsMap, type HeadMap } from './query-map.ts'
import type { OpenedRows, OpenedSite } from './query-open.ts'

/** The answers about one attention site, once its rows are there. */

type Questions = Pick<Handlers<typeof inference>, 'attention' | 'attentionLine' | 'attentionValues'>
type Input<Name extends keyof Questions> = Parameters<Questions[Name]>[0]

export const attentionMap = async (
  opened: OpenedRows,
  input: Input<'attention'>,
  signal: AbortSignal,
): Promise<AttentionMap> => {
  const { axes } = opened
  const { queryGrid, keyGrid, queryCount, keyCount, patches } = axes
  const valid = { rows: queryGrid?.valid ?? queryCount, columns: keyGrid?.valid ?? keyCount }
  const within = (range: Range, count: number): Range => (input.audioOnly ? onAudio(range, count) : range)
  const rows = within(spanSteps(input.queries, queryGrid, queryCount), valid.rows)
  const columns = within(spanSteps(input.keys, keyGrid, keyCount), valid.columns)
  const maps: AttentionMap['maps'] = []
  const summary = await reduceHeads(opened, input, rows, signal, (head, data) => {
    const shown = columnsOf(data, keyCount, columns)
    maps.push({ head, raster: poolToRaster({ data: shown, rows, columns, valid }, input) })
  })
  const folded = patches ? { specialShare: summary.special / (rows[1] - rows[0]) } : null
  return { maps, queryGrid, keyGrid, queryCount, keyCount, paddingShare: summary.padding, folded }
}

const onAudio = ([start, end]: Range, valid: number): Range => {
  if (start < valid) return [start, Math.min(end, valid)]
  throw new EngineError('bad-input', `steps ${start}:${end} are padding, which is left out: the audio has ${valid}`)
}

/**
 * Computes the wanted heads one after another; `each` hears every map of a list, or the one that `mean`, `max` or `alignment` leaves. The summary
 * is the mean over what was computed.
 */
const reduceHeads = async (
  { rows: source, axes }: OpenedRows,
  { heads: wanted, weights, audioOnly }: Pick<Input<'attention'>, 'heads' | 'weights' | 'audioOnly'>,
  rows: Range,
  signal: AbortSignal,
  each: (head: AttentionMap['maps'][number]['head'], data: Float32Array) => void,
): Promise<{ padding: number | null; special: number }> => {
  if (weights === 'rollout' && wanted !== 'mean')
    throw new EngineError('bad-input', 'a rollout is of the mean over heads: it has no heads of its own')
  const { joint } = source
  const list = wanted === 'mean' && joint ? ['mean' as const] : headList(wanted, source.heads)
  const reducer = typeof wanted === 'string' ? headReducer(wanted === 'max' ? 'max' : 'mean', list.length) : null
  let padding: number | null = null
  let special = 0
  const mapOf = (head: number | 'mean'): Promise<HeadMap> =>
    rowsMap(
      (part, take) => (head === 'mean' ? joint!(part, take, signal) : source.of(head, part, take, signal)),
      axes,
      rows,
    )
  for (const head of list) {
    const map = await mapOf(head)
    const share = paddingShare(map.data, axes, rows)
    if (share !== null) padding = (padding ?? 0) + share / list.length
    special += map.special / list.length
    if (audioOnly) keepAudio(map.data, axes)
    if (reducer) reducer.add(map.data)
    else each(head, map.data)
  }
  if (reducer) each(wanted as 'mean' | 'max' | 'alignment', reducer.result())
  return { padding, special }
}

/** One map [query, key] of the rows [start, end): the one that `mean` or `max` leaves, or the one head's. */
export const weightsOf = async (
  opened: OpenedRows,
  heads: LayerHeads,
  rows: Range,
  signal: AbortSignal,
): Promise<Float32Array> => {
  let weights: Float32Array = new Float32Array(0)
  await reduceHeads(opened, { heads, weights: 'raw', audioOnly: false }, rows, signal, (_head, data) => {
    weights = data
  })
  return weights
}

/** Columns [start, end) of a row-major matrix of `width` columns. */
const columnsOf = (data: Float32Array, width: number, [start, end]: Range): Float32Array => {
  if (start === 0 && end === width) return data
  const rows = data.length / width
  const part = new Float32Array(rows * (end - start))
  for (let row = 0; row < rows; row++)
    part.set(data.subarray(row * width + start, row * width + end), row * (end - start))
  return part
}

export const attentionLine = async (
  opened: OpenedRows,
  input: Input<'attentionLine'>,
  signal: AbortSignal,
): Promise<AttentionLine> => {
  const { queryGrid, keyGrid, queryCount, keyCount } = opened.axes
  const { line, index, audioOnly } = input
  const audible = { rows: queryGrid?.valid ?? queryCount, keys: keyGrid?.valid ?? keyCount }
  const counts = audioOnly ? audible : { rows: queryCount, keys: keyCount }
  const count = line === 'row' ? counts.rows : counts.keys
  if (index >= count)
    throw new EngineError('bad-input', `there is no ${line} ${index}: it has ${count}, counted from 0`)
  const rows: Range = line === 'row' ? [index, index + 1] : [0, counts.rows]
  const { data, padding } = await oneMap(opened, input, rows, signal)
  if (line === 'row')
    return { values: data.slice(0, counts.keys), greatest: null, grid: keyGrid, paddingShare: padding }
  const values = columnsOf(data, keyCount, [index, index + 1])
  return { values, greatest: greatestOf(data, keyCount, audible.keys), grid: queryGrid, paddingShare: null }
}

/** Whatever heads are wanted, one map: a list is averaged. */
const oneMap = async (
  opened: OpenedRows,
  input: Input<'attentionLine'>,
  rows: Range,
  signal: AbortSignal,
): Promise<{ data: Float32Array; padding: number | null }> => {
  const mean = headReducer('mean', Array.isArray(input.heads) ? input.heads.length : 1)
  const { padding } = await reduceHeads(opened, input, rows, signal, (_head, data) => mean.add(data))
  return { data: mean.result(), padding }
}

/** Of each row of `width` values the greatest of the first `count`. */
const greatestOf = (data: Float32Array, width: number, count: number): Float32Array =>
  Float32Array.from({ length: data.length / width }, (_, row) => {
    let most = 0
    for (let i = row * width; i < row * width + count; i++) most = Math.max(most, data[i]!)
    return most
  })

export const attentionValues = async (
  { operands, kernel }: OpenedSite,
  { heads, queries, keys }: Input<'attentionValues'>,
  signal: AbortSignal,
): Promise<{ shape: number[]; data: Float32Array }> => {
  const rows = within('query rows', queries, operands.queries)
  const columns = within('keys', keys, operands.keys)
  const list = headList(heads, operands.heads)
  const reduced = heads === 'mean' || heads === 'max' ? headReducer(heads, list.length) : null
  const [height, width] = [rows[1] - rows[0], columns[1] - columns[0]]
  const data = new Float32Array((reduced ? 1 : list.length) * height * width)
  for (const [i, head] of list.entries()) {
    const map = reduced ? new Float32Array(height * width) : data.subarray(i * height * width)
    const copy = (weights: Float32Array, row: number): void =>
      map.set(columnsOf(weights, operands.keys, columns), (row - rows[0]) * width)
    await eachBlock(kernel, operands, head, rows, copy, signal)
    reduced?.add(map)
  }
  if (reduced) data.set(reduced.result())
  return { shape: [reduced ? 1 : list.length, height, width], data }
}

const within = (what: string, range: readonly [number, number] | undefined, count: number): Range => {
  const [start, end] = range ?? [0, count]
  if (start < 0 || start >= end || end > count)
    throw new EngineError('bad-input', `${what} ${start}:${end} lie outside the sequence of ${count}`)
  return [start, end]
}
