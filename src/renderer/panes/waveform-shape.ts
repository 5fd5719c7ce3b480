import type { Peaks } from '../../contract/recording.ts'
import type { Draw } from '../components/canvas.ts'
import { stretchOf, type Scale } from '../timeline/geometry.ts'

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
      const top = y(peaks.max[i]!)
      context.globalAlpha = 0.6
      context.fillRect(x, top, Math.max(1, step), Math.max(1, y(peaks.min[i]!) - top))
      context.globalAlpha = 1
      const rms = peaks.rms[i]!
      context.fillRect(x, y(rms), Math.max(1, step), Math.max(0.5, y(-rms) - y(rms)))
    }
  }
