import type { LayerDifference } from '../../contract/compare.ts'
import type { AttentionMetrics, HeadMetrics } from '../../contract/engine.ts'

/** What the table of differences lists, and in which order. */

export type Metric = keyof HeadMetrics

export interface HeadRow {
  layer: number
  head: number
  /** A less B in the engine's units; null where either has no value */
  differences: Partial<Record<Metric, number | null>>
}

export const headRows = (a: AttentionMetrics, b: AttentionMetrics, metrics: readonly Metric[]): HeadRow[] =>
  a.layers.flatMap(({ layer, heads }) => {
    const others = b.layers.find((one) => one.layer === layer)?.heads ?? []
    return heads.map((numbers, head) => {
      const less = (metric: Metric): number | null => {
        const [x, y] = [numbers[metric], others[head]?.[metric] ?? null]
        return x === null || y === null ? null : x - y
      }
      return { layer, head, differences: Object.fromEntries(metrics.map((metric) => [metric, less(metric)])) }
    })
  })

/** Greatest magnitude first, what has no value last; equal ones stay in their order. */
export const sortedBy = <Row>(rows: readonly Row[], value: (row: Row) => number | null): Row[] => {
  const rank = (row: Row): number => {
    const found = value(row)
    return found === null || Number.isNaN(found) ? -1 : Math.abs(found)
  }
  return rows.toSorted((x, y) => rank(y) - rank(x))
}

export type LayerMeasure = keyof Pick<LayerDifference, 'unlike' | 'difference'>
