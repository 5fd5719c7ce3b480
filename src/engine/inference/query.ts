import { join } from 'node:path'
import type { AttentionLine, AttentionMap, AttentionMetrics, Heads } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Handlers } from '../../contract/contract.ts'
import type { inference } from '../../contract/inference.ts'
import type { Variant } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { headReducer } from '../analysis/head-reducer.ts'
import { openWorkFolder, type WorkFolder } from '../work-folder.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'
import { createKernel, type Kernel } from './kernel.ts'
import { createCache } from './query-cache.ts'
import { attentionDifference, type DifferenceSide } from './query-difference.ts'
import { eachBlock, headMap, mapAxes, paddingShare, type MapAxes } from './query-map.ts'
import { layerMetrics, layersOf, type LayerMetrics } from './query-metrics.ts'
import { loadOperands, type Operands } from './query-site.ts'

type Answers = Pick<
  Handlers<typeof inference>,
  'attention' | 'attentionDifference' | 'attentionLine' | 'attentionMetrics' | 'attentionValues'
>

/** Queries and keys kept in memory: some 30 layers of a 30 s clip. */
const cacheBytes = 256e6
/** Numbers of heads: a kilobyte a layer. */
const metricBytes = 8e6

interface Subject {
  run: string
  tap: string
  modelFolder: string
  modelVariant: Variant
}
interface Opened {
  run: Run
  operands: Operands
  kernel: Kernel
  axes: MapAxes
}

/** Answers about attention, recomputed from stored hidden states; what a site needs is kept for the next question. */
export const createQueries = (store: () => Store, threads: number): Answers & { close(): void } => {
  const cache = createCache<Operands>(cacheBytes)
  const metrics = createCache<LayerMetrics>(metricBytes)
  let work: WorkFolder | undefined
  let kernel: Promise<Kernel> | undefined

  // one that failed is not kept: the next question tries again
  const loadKernel = (): Promise<Kernel> =>
    (kernel ??= createKernel(threads).catch((error: unknown) => {
      kernel = undefined
      throw error
    }))

  const runOf = (id: string): Run => {
    const run = store().findRun(id)
    if (!run) throw new EngineError('not-found', 'this run is no longer in the store: run the model again')
    return run
  }

  const open = async ({ run: id, tap, modelFolder, modelVariant }: Subject): Promise<Opened> => {
    const run = runOf(id)
    const load = (): Promise<Operands> => {
      work ??= openWorkFolder(join(store().folder, 'work'))
      return loadOperands(store(), { run, tap, modelFolder, modelVariant }, { workFolder: work.path, threads })
    }
    const operands = await cache.of(`${id} ${tap}`, load)
    const kind = parseTap(tap)
    const decoder = kind?.kind === 'cross' || (kind?.kind === 'attention' && kind.side === 'decoder')
    const queries = decoder ? null : run.grids.encoder
    const keys = decoder && kind.kind !== 'cross' ? null : run.grids.encoder
    return { run, operands, kernel: await loadKernel(), axes: mapAxes(operands, queries, keys) }
  }

  return {
    attention: async (input, { signal }) => attentionMap(await open(input), input, signal),
    attentionDifference: async ({ a, b, tap, head, modelFolder, variantA, variantB, ...wanted }, { signal }) => {
      const heads = typeof head === 'number' ? [head] : head
      const side = async (run: string, modelVariant: Variant): Promise<DifferenceSide> => {
        const opened = await open({ run, tap, modelFolder, modelVariant })
        return { run: opened.run, axes: opened.axes, weights: (rows) => weightsOf(opened, heads, rows, signal) }
      }
      return attentionDifference(await side(a, variantA), await side(b, variantB), wanted)
    },
    attentionLine: async (input, { signal }) => attentionLine(await open(input), input, signal),
    // a layer once begun is finished and kept: somebody else may wait for it, or ask again
    attentionMetrics: async ({ run: id, kind, ...place }, { signal, part }) => {
      const taps = layersOf(runOf(id), kind)
      const layers: AttentionMetrics['layers'] = []
      for (const { layer, tap } of taps) {
        signal.throwIfAborted()
        part({ done: layers.length, total: taps.length })
        const make = async (): Promise<LayerMetrics> => layerMetrics(await open({ run: id, tap, ...place }))
        const { heads } = await metrics.of(`${id} ${tap}`, make)
        layers.push({ layer, heads })
      }
      return { layers }
    },
    attentionValues: async (input, { signal }) => attentionValues(await open(input), input, signal),
    close: () => {
      cache.clear()
      metrics.clear()
      kernel?.then((opened) => opened[Symbol.dispose]()).catch(() => {})
      work?.[Symbol.dispose]()
    },
  }
}

type Input<Name extends keyof Answers> = Parameters<Answers[Name]>[0]

const attentionMap = async (opened: Opened, input: Input<'attention'>, signal: AbortSignal): Promise<AttentionMap> => {
  const { axes } = opened
  const rows = spanSteps(input.queries, axes.queryGrid, axes.queryCount)
  const columns = spanSteps(input.keys, axes.keyGrid, axes.keyCount)
  const valid = { rows: axes.queryGrid?.valid ?? axes.queryCount, columns: axes.keyGrid?.valid ?? axes.keyCount }
  const maps: AttentionMap['maps'] = []
  const summary = await reduceHeads(opened, input.heads, rows, signal, (head, data) => {
    const shown = columnsOf(data, axes.keyCount, columns)
    maps.push({ head, raster: poolToRaster({ data: shown, rows, columns, valid }, input) })
  })
  const { queryGrid, keyGrid, queryCount, keyCount, patches } = axes
  const folded = patches ? { specialShare: summary.special / (rows[1] - rows[0]) } : null
  return { maps, queryGrid, keyGrid, queryCount, keyCount, paddingShare: summary.padding, folded }
}

/**
 * Computes the wanted heads one after another; `each` hears every map of a list, or the one that `mean` or `max` leaves. The summary
 * is the mean over the heads computed.
 */
const reduceHeads = async (
  { operands, kernel, axes }: Opened,
  wanted: Heads,
  rows: Range,
  signal: AbortSignal,
  each: (head: number | 'mean' | 'max', data: Float32Array) => void,
): Promise<{ padding: number | null; special: number }> => {
  const heads = headList(wanted, operands.heads)
  const reducer = typeof wanted === 'string' ? headReducer(wanted, heads.length) : null
  let padding: number | null = null
  let special = 0
  for (const head of heads) {
    const map = await headMap(kernel, operands, axes, head, rows, signal)
    const share = paddingShare(map.data, axes, rows)
    if (share !== null) padding = (padding ?? 0) + share / heads.length
    special += map.special / heads.length
    if (reducer) reducer.add(map.data)
    else each(head, map.data)
  }
  if (reducer) each(wanted as 'mean' | 'max', reducer.result())
  return { padding, special }
}

/** One map [query, key] of the rows [start, end): the one that `mean` or `max` leaves, or the one head's. */
const weightsOf = async (opened: Opened, heads: Heads, rows: Range, signal: AbortSignal): Promise<Float32Array> => {
  let weights = new Float32Array(0)
  await reduceHeads(opened, heads, rows, signal, (_head, data) => {
    weights = data as Float32Array<ArrayBuffer>
  })
  return weights
}

/** Throws `bad-input` for a head the layer does not have. */
const headList = (wanted: Heads | undefined, count: number): number[] => {
  if (!Array.isArray(wanted)) return Array.from({ length: count }, (_, head) => head)
  const stranger = wanted.find((head) => head >= count)
  if (stranger !== undefined)
    throw new EngineError('bad-input', `there is no head ${stranger}: the layer has ${count}, counted from 0`)
  return wanted
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

const attentionLine = async (
  opened: Opened,
  { heads, line, index }: Input<'attentionLine'>,
  signal: AbortSignal,
): Promise<AttentionLine> => {
  const { axes } = opened
  const count = line === 'row' ? axes.queryCount : axes.keyCount
  if (index >= count)
    throw new EngineError('bad-input', `there is no ${line} ${index}: it has ${count}, counted from 0`)
  const rows: Range = line === 'row' ? [index, index + 1] : [0, axes.queryCount]
  const columns: Range = line === 'row' ? [0, axes.keyCount] : [index, index + 1]
  // a list is averaged: whatever heads are wanted, one line comes out
  const reducer = headReducer(heads === 'max' ? 'max' : 'mean', headList(heads, opened.operands.heads).length)
  const list = headList(heads, opened.operands.heads)
  const { padding } = await reduceHeads(opened, list, rows, signal, (_head, data) =>
    reducer.add(columnsOf(data, axes.keyCount, columns)),
  )
  return {
    values: reducer.result(),
    grid: line === 'row' ? axes.keyGrid : axes.queryGrid,
    paddingShare: line === 'row' ? padding : null,
  }
}

const attentionValues = async (
  { operands, kernel }: Opened,
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
