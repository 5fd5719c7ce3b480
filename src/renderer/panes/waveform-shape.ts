import type { Peaks } from '../../contract/recording.ts'
import type { Draw } from '../components/canvas.ts'
import { stretchOf, type Scale } from '../timeline/geometry.ts'

/** What of ±rms lies within the column's own values: zoomed to single samples nothing is mirrored. Null where nothing does. */
export const rmsSpan = (min: number, max: number, rms: number): [low: number, high: number] | null => {
  const [low, high] = [Math.max(min, -rms), Math.min(max, rms)]
  return high > low ? [low, high] : null
}

/** The envelope's columns, stretched to where they lie now; `most` is the value at the upper edge. */
export const drawPeaks =
  (peaks: Peaks | null, scale: Scale, colours: { wave: string; axis: string }, most = 1): Draw =>
  (context, { width, height }) => {
    const y = (value: number): number => (height / 2) * (1 - value / most)
    context.clearRect(0, 0, width, height)
    context.fillStyle = colours.axis
    context.fillRect(0, Math.round(height / 2), width, 1)
    if (!peaks) return
    const { left, width: stretch } = stretchOf(scale, peaks.range)
    const step = stretch / Math.max(1, peaks.min.length)
    context.fillStyle = colours.wave
    for (let i = 0; i < peaks.min.length; i++) {
      const x = left + i * step
      if (x + step < 0 || x > width) continue
      const [min, max] = [peaks.min[i]!, peaks.max[i]!]
      // every column reaches the one before it, so that a steep wave stays one line
      const top = y(Math.max(max, peaks.min[i - 1] ?? max))
      const bottom = y(Math.min(min, peaks.max[i - 1] ?? min))
      context.globalAlpha = 0.6
      context.fillRect(x, top, Math.max(1, step), Math.max(1, bottom - top))
      context.globalAlpha = 1
      const loud = rmsSpan(min, max, peaks.rms[i]!)
      if (loud) context.fillRect(x, y(loud[1]), Math.max(1, step), y(loud[0]) - y(loud[1]))
    }
  }
