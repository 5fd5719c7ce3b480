import type { Settings } from '../../stores/settings.ts'
import { metricText, shownNumber, type Kind, type Metric } from './atlas.ts'

/** Which heads are looked at: those whose number lies between two limits, both included, in the unit that is shown; null is no limit. */
export type Limits = Settings['atlas']['limits'][string]
export const noLimits: Limits = { least: null, most: null }

/** Each number and unit has limits of its own, and so has a difference. */
export const limitsKey = (metric: Metric, kind: Kind, difference: boolean): string =>
  [metric, metricText(metric, kind).unit, ...(difference ? ['difference'] : [])].join(' ')

export const hasLimits = ({ least, most }: Limits): boolean => least !== null || most !== null

/** A head without a value passes where nothing is asked. */
export const passes = (value: number | null, limits: Limits, metric: Metric, kind: Kind): boolean => {
  if (!hasLimits(limits)) return true
  if (value === null) return false
  const number = shownNumber(value, metric, kind)
  return number >= (limits.least ?? -Infinity) && number <= (limits.most ?? Infinity)
}

/** "≥ 100 and ≤ 400 ms" */
export const sayLimits = ({ least, most }: Limits, unit: string): string => {
  const said = (sign: string, limit: number | null): string[] =>
    limit === null ? [] : [`${sign} ${String(limit).replace('-', '−')}`]
  const number = [...said('≥', least), ...said('≤', most)].join(' and ')
  return unit.includes('…') ? number : `${number} ${unit}`
}
