import type { AttentionMetrics, HeadMetrics } from '../../../contract/engine.ts'
import type { Range } from '../../../contract/tensor.ts'
import { colourTable } from '../../../figures/colour-maps.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import { reading } from '../../format.ts'
import type { Settings } from '../../stores/settings.ts'
import type { Site } from '../site.ts'

/** The atlas of heads: every head of every layer by one number. */

type Metric = keyof HeadMetrics
type Order = Settings['atlas']['order']
type Kind = Site['kind']

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

export interface AtlasHead {
  layer: number
  head: number
  value: number | null
}

/** The heads in their order; those without a value come last. */
export const headsOf = ({ layers }: AttentionMetrics, metric: Metric, order: Order): AtlasHead[] => {
  const all = layers.flatMap(({ layer, heads }) =>
    heads.map((numbers, head) => ({ layer, head, value: numbers[metric] })),
  )
  if (order === 'place') return all
  const sign = order === 'most' ? -1 : 1
  const rank = ({ value }: AtlasHead): number => (value === null ? Infinity : sign * value)
  return all.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
}

export const valueRange = (heads: AtlasHead[]): Range | null => {
  const values = heads.flatMap(({ value }) => (value === null ? [] : [value]))
  return values.length > 0 ? [Math.min(...values), Math.max(...values)] : null
}

/** In the unit that is shown; a range without a length begins at its value. */
export const atlasColour = ([low, high]: Range, metric: Metric, kind: Kind): ColourScale => {
  const { unit, scale } = metricText(metric, kind)
  const [from, to] = high > low ? [low * scale, high * scale] : [low * scale, low * scale + 1]
  return { map: 'viridis', low: from, high: to, scale: 'linear', unit }
}

/** A cell's colour, and black or white, whichever is read on it. */
export const cellColours = (share: number): { background: string; color: string } => {
  const at = 4 * Math.round(255 * Math.min(1, Math.max(0, share)))
  const [red = 0, green = 0, blue = 0] = colourTable('viridis').subarray(at, at + 3)
  // relative luminance above 0.18 is nearer to white than to black (WCAG)
  const linear = (channel: number): number => (channel / 255) ** 2.2
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  return { background: `rgb(${red}, ${green}, ${blue})`, color: luminance > 0.18 ? '#000000' : '#ffffff' }
}
