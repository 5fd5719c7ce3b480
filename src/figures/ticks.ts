import type { Range } from '../contract/tensor.ts'
import type { ColourScale } from './figure.ts'

export interface Tick {
  at: number
  label: string
}

/** The least of 1, 2, 5 × 10^n that cuts `span` into at most `most` parts. */
const niceStep = (span: number, most: number): number => {
  const rough = span / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10
  return factor * power
}

/** Round numbers within a range, at most `most` + 1 of them, all with as many decimals as their step needs. */
export const linearTicks = (range: Range, most: number): Tick[] => {
  const [low, high] = [Math.min(...range), Math.max(...range)]
  if (!(high > low) || !Number.isFinite(high - low)) return []
  const step = niceStep(high - low, most)
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const ticks: Tick[] = []
  for (let i = Math.ceil(low / step - 1e-6); i * step <= high + step * 1e-6; i++)
    ticks.push({ at: i * step, label: formatTick(i * step, step, decimals) })
  return ticks
}

const formatTick = (value: number, step: number, decimals: number): string => {
  if (Math.abs(value) < step / 2) return '0'
  if (decimals > 4 || step >= 1e6) return value.toExponential(1).replace('e+', 'e').replace('-', '−')
  return value.toFixed(decimals).replace('-', '−')
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const powerOfTen = (exponent: number): string =>
  `10${exponent < 0 ? '⁻' : ''}${[...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join('')}`

/** Three digits that mean something: 0.0123, 4.5, 1230, 2.5×10⁻⁵. */
export const shortNumber = (value: number): string => {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e5) return Number(value.toPrecision(3)).toString().replace('-', '−')
  const [factor, exponent] = value.toExponential(1).split('e') as [string, string]
  const power = powerOfTen(Number(exponent))
  return factor === '1.0' ? power : `${factor.replace('-', '−').replace('.0', '')}×${power}`
}

/** Ticks of a colour bar, `low` and `high` included: powers of ten on a log scale, round numbers on a linear one. */
export const colourTicks = (colour: ColourScale): Tick[] => {
  const { low, high } = colour
  const ends = [
    { at: low, label: shortNumber(low) },
    { at: high, label: shortNumber(high) },
  ]
  const shareOf = (value: number): number =>
    colour.scale === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)
  const within = colour.scale === 'log' ? decades([low, high]) : linearTicks([low, high], 4)
  return [...ends, ...within.filter((tick) => shareOf(tick.at) > 0.12 && shareOf(tick.at) < 0.88)]
}

/** Powers of ten; over less than two of them 2 and 5 of each as well. */
const decades = ([low, high]: Range): Tick[] => {
  const factors = high / low < 50 ? [1, 2, 5] : [1]
  const ticks: Tick[] = []
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++)
    for (const factor of factors) {
      const at = factor * 10 ** power
      if (at >= low && at <= high) ticks.push({ at, label: factor === 1 ? powerOfTen(power) : shortNumber(at) })
    }
  return ticks
}
