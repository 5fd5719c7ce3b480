import type { AttentionDifference } from '../../contract/compare.ts'
import { EngineError } from '../../contract/errors.ts'
import type { TimeGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { commonOf, movedGrid, pairSteps, pairTokens, type Pairing } from '../analysis/common-steps.ts'
import type { MapAxes } from './query-map.ts'

/** One run's attention site, and its weights [query, key] of the query rows [start, end) and all keys, as the map counts them. */
export interface DifferenceSide {
  run: Run
  axes: MapAxes
  weights(rows: Range): Promise<Float32Array>
}

interface Wanted {
  offset: number
  queries: readonly [number, number] | null
  keys: readonly [number, number] | null
  width: number
  height: number
}

/**
 * Weights of A less those of B, a query and a key of A each against the step of B nearest in aligned time, tokens against the token of
 * the same position. Pooled by the value farthest from 0, so that a diagonal that is one step wide is not lost.
 */
export const attentionDifference = async (
  a: DifferenceSide,
  b: DifferenceSide,
  { offset, width, height, ...wanted }: Wanted,
): Promise<AttentionDifference> => {
  const pair = (ofA: TimeGrid | null, ofB: TimeGrid | null, countA: number, countB: number): Pairing =>
    ofA && ofB ? pairSteps(ofA, ofB, offset) : pairTokens(countA, countB)
  const queries = pair(a.axes.queryGrid, b.axes.queryGrid, a.axes.queryCount, b.axes.queryCount)
  const keys = pair(a.axes.keyGrid, b.axes.keyGrid, a.axes.keyCount, b.axes.keyCount)
  const rows = within(wanted.queries, a.axes.queryCount)
  const columns = within(wanted.keys, a.axes.keyCount)
  const data = new Float32Array((rows[1] - rows[0]) * (columns[1] - columns[0])).fill(NaN)
  const common: Range = [Math.max(rows[0], queries.steps[0]), Math.min(rows[1], queries.steps[1])]
  if (common[0] < common[1]) {
    const partners: Range = [queries.partner(common[0]), queries.partner(common[1] - 1) + 1]
    const [ofA, ofB] = [await a.weights(common), await b.weights(partners)]
    for (let row = common[0]; row < common[1]; row++) {
      const fromA = (row - common[0]) * a.axes.keyCount
      const fromB = (queries.partner(row) - partners[0]) * b.axes.keyCount
      const to = (row - rows[0]) * (columns[1] - columns[0]) - columns[0]
      for (let key = columns[0]; key < columns[1]; key++) {
        const partner = keys.partner(key)
        if (partner >= 0) data[to + key] = ofA[fromA + key]! - ofB[fromB + partner]!
      }
    }
  }
  const valid = { rows: queries.steps[1], columns: keys.steps[1] }
  return {
    raster: poolToRaster({ data, rows, columns, valid }, { width, height, pool: 'extreme' }),
    queryGrid: a.axes.queryGrid && movedGrid(a.axes.queryGrid, offset),
    keyGrid: a.axes.keyGrid && movedGrid(a.axes.keyGrid, offset),
    queries: commonOf(queries),
    keys: commonOf(keys),
    sameTokens: a.axes.queryGrid ? null : sameTokens(a.run, b.run),
  }
}

const within = (wanted: readonly [number, number] | null, count: number): Range => {
  if (!wanted) return [0, count]
  const [start, end] = wanted
  if (start >= Math.min(end, count))
    throw new EngineError('bad-input', `steps ${start}:${end} lie outside the sequence of ${count}`)
  return [start, Math.min(end, count)]
}

/** How many tokens the two begin with in common. */
const sameTokens = (a: Run, b: Run): number => {
  const [ofA, ofB] = [a.result.tokens ?? [], b.result.tokens ?? []]
  const differs = ofA.findIndex(({ id }, i) => id !== ofB[i]?.id)
  return differs < 0 ? ofA.length : differs
}
