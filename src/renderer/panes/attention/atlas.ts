import type { AttentionMetrics, HeadMetrics } from '../../../contract/engine.ts'
import type { Range } from '../../../contract/tensor.ts'
import { reading } from '../../format.ts'
import type { Settings } from '../../stores/settings.ts'
import type { Site } from '../site.ts'

/** The atlas of heads: every head of every layer by one number. */

export type Metric = keyof HeadMetrics
export type Order = Settings['atlas']['order']
export type Kind = Site['kind']

/** `unit`: of the numbers as they are shown; `scale`: how many of it the engine's number is. */
interface MetricText {
  label: string
  means: string
  unit: string
  scale: number
}

const shares = { unit: '%', scale: 100 }
const texts: Record<Metric, MetricText> = {
  distance: { label: 'mean distance', means: 'how far from its own moment a head looks', unit: 'ms', scale: 1000 },
  entropy: { label: 'entropy', means: 'how widely a row is spread: 0 is one key', unit: 'nats', scale: 1 },
  diagonality: {
    label: 'diagonality',
    means: '1 where every step looks at itself, 0 where each looks as far away as it can',
    unit: '0 … 1',
    scale: 1,
  },
  padding: { label: 'padding', means: 'share of the weight on padding', ...shares },
  first: { label: 'first step', means: 'share of the weight on the first step', ...shares },
  special: { label: 'special tokens', means: 'share of the weight on tokens that stand for no sound', ...shares },
}

export const metricText = (metric: Metric, kind: Kind): MetricText =>
  metric === 'distance' && kind === 'decoder' ? { ...texts.distance, unit: 'tokens', scale: 1 } : texts[metric]

/** What can be asked of this kind of attention; `patches`: whether the encoder's steps are AST's. */
export const metricsOf = (kind: Kind, patches: boolean): Metric[] => {
  const special: Metric[] = patches && kind !== 'decoder' ? ['special'] : []
  if (kind === 'cross') return ['entropy', 'padding', 'first', ...special]
  return [
    'distance',
    'entropy',
    'diagonality',
    ...(kind === 'encoder' ? ['padding' as const] : []),
    'first',
    ...special,
  ]
}

/** "412 ms", "2.31 nats", "0.83", "12.3 %" */
export const sayMetric = (value: number | null, metric: Metric, kind: Kind): string => {
  if (value === null) return 'no value'
  const { unit, scale } = metricText(metric, kind)
  if (unit === '%') return value > 0 && value < 0.001 ? '< 0.1 %' : `${(value * scale).toFixed(1)} %`
  if (unit === 'ms') return `${Math.round(value * scale)} ms`
  return metric === 'diagonality' ? reading(value) : `${reading(value)} ${unit}`
}

/** A difference, which has a sign: "+12 ms", "−0.31 nats", "0 ms" */
export const saySigned = (value: number, metric: Metric, kind: Kind): string => {
  const size = sayMetric(Math.abs(value), metric, kind)
  return size.startsWith('<') || shownNumber(value, metric, kind) === 0 ? size : `${value < 0 ? '−' : '+'}${size}`
}

/** A number in the unit it is shown in, rounded as it is said: what is read off is what a limit is held against. */
export const shownNumber = (value: number, metric: Metric, kind: Kind): number => {
  const { unit, scale } = metricText(metric, kind)
  const number = value * scale
  if (unit === '%') return Number(number.toFixed(1))
  return unit === 'ms' ? Math.round(number) : Number(number.toPrecision(3))
}

export interface AtlasHead {
  layer: number
  head: number
  /** in the engine's unit */
  value: number | null
}

/** By layer, then by head. */
export const headsOf = ({ layers }: AttentionMetrics, metric: Metric): AtlasHead[] =>
  layers.flatMap(({ layer, heads }) => heads.map((numbers, head) => ({ layer, head, value: numbers[metric] })))

/** The heads in their order; those without a value come last. `size`: the greatest magnitude first. */
export const ordered = <Head extends AtlasHead>(heads: readonly Head[], order: Order): Head[] => {
  if (order === 'place') return [...heads]
  const rank = ({ value }: Head): number => {
    if (value === null) return Infinity
    return order === 'least' ? value : order === 'most' ? -value : -Math.abs(value)
  }
  return heads.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
}

export const valueRange = (heads: readonly AtlasHead[]): Range | null => {
  const values = heads.flatMap(({ value }) => (value === null ? [] : [value]))
  return values.length > 0 ? [Math.min(...values), Math.max(...values)] : null
}
