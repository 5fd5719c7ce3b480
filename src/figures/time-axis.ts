import type { Range } from '../contract/tensor.ts'
import type { Axis } from './figure.ts'

/** Every axis in seconds has a title beginning with this word. */
const timeTitle = 'Time in the recording (s)'

/** An axis in seconds of the recording over `range`. */
export const timeAxis = (range: Range, what = ''): Axis => ({
  title: what ? `Time of ${what} (s)` : timeTitle,
  range: [range[0], range[1]],
})

/** "4.0 s", "0.50 s": as many decimals as a picture's reader needs. */
export const secondsText = (seconds: number): string => `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`

/** "0–5 s", "1.25–3 s" */
export const regionText = ([from, to]: Range): string => `${Number(from.toFixed(3))}–${Number(to.toFixed(3))} s`
