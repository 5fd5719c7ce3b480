import type { ColourScale } from '../../figures/figure.ts'
import type { Range } from '../../contract/tensor.ts'
import { reading } from '../format.ts'

/** What the scale bars of maps have in common. */

/** Values from one end of a scale to the other, so that their colours are those of the bar. */
export const rampOf = ({ low, high, scale }: ColourScale, steps: number): Float32Array =>
  Float32Array.from({ length: steps }, (_, i) => {
    const share = i / (steps - 1)
    return scale === 'log' ? low * (high / low) ** share : low + share * (high - low)
  })

/** A bar in words. */
export const sayScale = ({ low, high, unit, scale }: ColourScale, locked: boolean): string =>
  `colours from ${reading(low)} to ${reading(high)} ${unit}${scale === 'log' ? ', logarithmic' : ''}${
    locked ? ', shared by all columns' : ', this column’s own'
  }`

/** three decades below the greatest weight are told apart; what is less looks like nothing */
export const decades = 1e-3

/** The scale of attention weights between two ends. */
export const weightScale = ([low, high]: Range, scale: ColourScale['scale'], map: ColourScale['map']): ColourScale => {
  const most = high > low ? high : low * 1.01 + 1e-9
  return {
    map,
    low: scale === 'log' ? Math.max(low, most * decades) : low,
    high: most,
    scale,
    unit: scale === 'log' ? 'weight, log' : 'weight',
  }
}
