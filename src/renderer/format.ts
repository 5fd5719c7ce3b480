/** Numbers as the page says them: with units, never more digits than mean something. */

/** 0:02.080, 1:03:20.500; `digits` after the point */
export const clock = (seconds: number, digits = 3): string => {
  const sign = seconds < 0 ? '−' : ''
  const scale = 10 ** digits
  const ticks = Math.round(Math.abs(seconds) * scale)
  const whole = Math.floor(ticks / scale)
  const fraction = digits > 0 ? `.${String(ticks % scale).padStart(digits, '0')}` : ''
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const head = h > 0 ? `${h}:${String(m).padStart(2, '0')}` : `${m}`
  return `${sign}${head}:${String(s).padStart(2, '0')}${fraction}`
}

/** A tick of an axis whose ticks are `step` seconds apart: "2", "2.5", "2.55". */
export const tickLabel = (seconds: number, step: number): string =>
  seconds.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))).replace('-', '−')

/** 2.08 s, 340 ms */
export const seconds = (value: number): string =>
  Math.abs(value) < 1 && value !== 0 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(2)} s`

/** 44.1 kHz */
export const hertz = (value: number): string =>
  value >= 1000 ? `${Number((value / 1000).toFixed(2))} kHz` : `${Math.round(value)} Hz`

/** decimal units, as disks are sold: 378 MB */
export const bytes = (value: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  const shown = value / 1000 ** power
  return `${power > 0 && shown < 10 ? shown.toFixed(1) : Math.round(shown)} ${units[power]}`
}

/** 37.8 M parameters */
export const count = (value: number): string => {
  if (value < 1000) return String(value)
  const [divisor, unit] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  return `${(value / divisor).toFixed(1)} ${unit}`
}

/** a value read off a picture: three significant digits */
export const reading = (value: number): string => {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  const text = size < 1e-3 || size >= 1e5 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
  return text.replace('-', '−').replace('e−', 'e-').replace('e+', 'e')
}

/** .93 as the token chips say it */
export const probability = (value: number): string => (value >= 0.995 ? '1.0' : value.toFixed(2).slice(1))

export const percent = (share: number): string => (share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`)

export const channels = (n: number): string => (n === 1 ? 'mono' : n === 2 ? 'stereo' : `${n} channels`)
