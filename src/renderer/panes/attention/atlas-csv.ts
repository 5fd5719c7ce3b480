import type { AttentionMetrics } from '../../../contract/engine.ts'
import { writeCsv } from '../../../formats/csv.ts'
import { headRows } from '../../compare/rows.ts'
import { metricText, type Kind, type Metric } from './atlas.ts'

/** float32 holds no more digits */
const digits = 7

/** All numbers of all heads, a row a head, in the units shown; with `less`, what they are more than its. */
export const atlasCsv = (
  numbers: AttentionMetrics,
  less: { numbers: AttentionMetrics; title: string } | null,
  metrics: readonly Metric[],
  kind: Kind,
): string => {
  const rows = less
    ? headRows(numbers, less.numbers, metrics).map(({ layer, head, differences }) => ({
        layer,
        head,
        values: differences,
      }))
    : numbers.layers.flatMap(({ layer, heads }) => heads.map((values, head) => ({ layer, head, values })))
  // a spreadsheet may take the file for another encoding
  const what = less ? ` ${less.title.replaceAll('−', '-')}` : ''
  const titleOf = (metric: Metric): string => {
    const { label, unit } = metricText(metric, kind)
    const shown = unit === '0 … 1' ? (less ? '' : ' (0 to 1)') : ` (${unit})`
    return `${label}${what}${shown}`
  }
  return writeCsv(
    ['layer', 'head', ...metrics.map(titleOf)],
    rows.map(({ layer, head, values }) => [
      layer,
      head,
      ...metrics.map((metric) => {
        const value = values[metric] ?? null
        return value === null ? null : Number((value * metricText(metric, kind).scale).toPrecision(digits))
      }),
    ]),
  )
}
