import { edgeAt, type TimeGrid } from '../../contract/grid.ts'

/** Moments as a person reads and types them: mm:ss.mmm, h:mm:ss.mmm from an hour on, or steps of a model. */

/** 01:02.500, 1:02:03.004; to the millisecond */
export const timeText = (seconds: number): string => {
  const all = Math.round(Math.max(0, seconds) * 1000)
  const [minutes, rest] = [Math.floor(all / 60_000), all % 60_000]
  const two = (value: number): string => String(value).padStart(2, '0')
  const tail = `${two(Math.floor(rest / 1000))}.${String(rest % 1000).padStart(3, '0')}`
  return minutes < 60 ? `${two(minutes)}:${tail}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`
}

/** Where a moment lies in steps: 12 is the left edge of step 12, 12.5 its centre. */
export const stepsAt = (grid: TimeGrid, seconds: number): number => (seconds - edgeAt(grid, 0)) / grid.step

/** 12, 12.5 */
export const stepText = (steps: number): string => String(Number(steps.toFixed(1))).replace('-', '−')

/** The edge between two steps that is nearest, also before the first and after the last. */
export const nearestEdge = (grid: TimeGrid, seconds: number): number => edgeAt(grid, Math.round(stepsAt(grid, seconds)))

const clock = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)\s*s?$/

/**
 * Seconds that a text says: 62.5, 1:02.5, 1:02:03.004, or `#12`, the left edge of step 12 of `grid`; or the sentence why it says none.
 * `length`: it is a length, and steps are counted from 0.
 */
export const readTime = (text: string, grid: TimeGrid | null, length = false): number | string => {
  const typed = text.trim()
  const step = /^(?:#|steps?\s+)(\d+(?:\.\d+)?)$/i.exec(typed)?.[1]
  if (step !== undefined) {
    if (!grid) return 'steps are known once the model has run here'
    return length ? Number(step) * grid.step : Math.max(0, edgeAt(grid, Number(step)))
  }
  if (/^[\d:]+,\d+$/.test(typed)) return `write ${typed.replace(',', '.')}: with a point`
  const found = clock.exec(typed)
  if (!found) return 'a time is 1:02.500, 1:02:03.004, 62.5 or a step: #12'
  const [, hours = '0', minutes = '0', seconds = '0'] = found
  if (typed.includes(':') && Number(seconds) >= 60) return 'a minute has 60 seconds'
  if (found[1] !== undefined && Number(minutes) >= 60) return 'an hour has 60 minutes'
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}
