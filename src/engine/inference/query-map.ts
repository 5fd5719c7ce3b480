import { isPatchGrid, timeOf, type Grid, type PatchGrid, type TimeGrid } from '../../contract/grid.ts'
import type { Range } from '../../contract/tensor.ts'
import { bandRows, foldKeys, specialWeight } from '../analysis/fold.ts'
import { toShares } from '../analysis/value-weights.ts'
import type { Kernel } from './kernel.ts'
import type { Operands } from './query-site.ts'
import type { EachRows } from './weight-rows.ts'

/** About this many weights are computed at a time: 4 MB. */
const blockWeights = 2 ** 20

/** How the map of a site counts its queries and keys: tokens (null) or steps in time; AST's patches are folded onto columns. */
export interface MapAxes {
  queryGrid: TimeGrid | null
  keyGrid: TimeGrid | null
  queryCount: number
  keyCount: number
  patches: PatchGrid | null
}

export const mapAxes = (
  operands: Pick<Operands, 'queries' | 'keys'>,
  queries: Grid | null,
  keys: Grid | null,
): MapAxes => {
  const patches = keys && isPatchGrid(keys) ? keys : null
  const queryGrid = queries && timeOf(queries)
  const keyGrid = keys && timeOf(keys)
  return {
    queryGrid,
    keyGrid,
    queryCount: queryGrid?.count ?? operands.queries,
    keyCount: keyGrid?.count ?? operands.keys,
    patches,
  }
}

/** Rows of a block when each takes `weights`. */
export const blockRows = (weights: number): number => Math.max(1, Math.floor(blockWeights / weights))

/** Weights [row, key] of query rows [start, end) of one head, in blocks of rows; `each` hears the block's first row. */
export const eachBlock = async (
  kernel: Kernel,
  operands: Operands,
  head: number,
  [start, end]: Range,
  each: (weights: Float32Array, row: number) => void,
  signal?: AbortSignal,
): Promise<void> => {
  const { queries, keys } = operands
  const step = blockRows(keys)
  for (let row = start; row < end; row += step) {
    signal?.throwIfAborted()
    const stop = Math.min(end, row + step)
    if (operands.kind === 'weights') {
      each(operands.weights.subarray((head * queries + row) * keys, (head * queries + stop) * keys), row)
      continue
    }
    const { query, key, width } = operands
    const rows = query.subarray((head * queries + row) * width, (head * queries + stop) * width)
    each(await kernel.weights(rows, key.subarray(head * width * keys, (head + 1) * width * keys), width), row)
  }
}

export interface HeadMap {
  /** [query, key] of the wanted queries and all keys, as the map counts them */
  data: Float32Array
  /** sum over the wanted rows of the weight on special tokens (AST); a row's whole weight is 1 */
  special: number
}

/** The map of the query rows [start, end) of one head, or of all at once; AST: the mean over query bands, the sum over key bands. */
export const rowsMap = async (
  rowsOf: (rows: Range, each: EachRows) => Promise<void>,
  axes: MapAxes,
  rows: Range,
): Promise<HeadMap> => {
  const data = new Float32Array((rows[1] - rows[0]) * axes.keyCount)
  const { patches } = axes
  if (!patches) {
    await rowsOf(rows, (weights, row) => data.set(weights, (row - rows[0]) * axes.keyCount))
    return { data, special: 0 }
  }
  let special = 0
  const share = 1 / patches.bands
  for (const band of bandRows(patches, rows)) {
    await rowsOf(band, (weights, row) => {
      foldKeys(weights, patches, data.subarray((row - band[0]) * axes.keyCount), share)
      special += specialWeight(weights, patches) * share
    })
  }
  return { data, special }
}

/** Mean share of the rows' whole weight that lies on keys from `valid` on; rows on padding are left out where others are shown. */
export const paddingShare = (data: Float32Array, axes: MapAxes, rows: Range): number | null => {
  const { keyGrid, keyCount } = axes
  if (!keyGrid) return null
  const audible = Math.min(rows[1], axes.queryGrid?.valid ?? rows[1])
  const count = audible > rows[0] ? audible - rows[0] : rows[1] - rows[0]
  let sum = 0
  for (let row = 0; row < count; row++)
    for (let i = row * keyCount + keyGrid.valid; i < (row + 1) * keyCount; i++) sum += data[i]!
  return sum / count
}

/** Each row's weights on audio scaled so that they sum to 1, those on padding set to 0: a row without any on audio is all 0. */
export const keepAudio = (data: Float32Array, { keyGrid, keyCount }: MapAxes): void => {
  const valid = keyGrid?.valid ?? keyCount
  for (let from = 0; from < data.length; from += keyCount) {
    data.fill(0, from + valid, from + keyCount)
    toShares(data.subarray(from, from + valid), valid)
  }
}
