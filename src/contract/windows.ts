import type { Region } from './recording.ts'
import type { Run } from './run.ts'
import type { Range } from './tensor.ts'

/**
 * A region longer than a model hears at a time is run in windows. `region` is what the model hears; `shown` is the part of it that stands
 * for the recording there: the rest is context, which a neighbour shows. What is shown joins without a gap.
 */
export interface Window {
  region: Region
  shown: Range
}

/** A window with its run. */
export interface HeardWindow {
  /** which of its region's windows, from 0 on */
  index: number
  window: Window
  run: Run
}

/** Seconds of a window where the model itself has no limit, and those of context on either side of what it shows. */
export const openWindow = { seconds: 30, context: 1 }

/** Up to here such a region is heard in one piece. */
const onePiece = 45

const toMilliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000

/** The last window of `length` ends with the region, so that it hears as much as the others; it shows what they leave. */
const closed = ([start, end]: Region, length: number): Window[] => {
  const count = Math.ceil((end - start) / length - 1e-6)
  return Array.from({ length: count }, (_, i) => {
    const from = toMilliseconds(start + i * length)
    if (i < count - 1)
      return { region: [from, toMilliseconds(from + length)], shown: [from, toMilliseconds(from + length)] }
    // upwards: the window must not be longer than the model hears
    return { region: [Math.ceil((end - length) * 1000) / 1000, end], shown: [from, end] }
  })
}

const open = ([start, end]: Region): Window[] => {
  const { seconds, context } = openWindow
  const count = Math.ceil((end - start) / seconds - 1e-6)
  const seam = (i: number): number => (i === count ? end : toMilliseconds(start + (i * (end - start)) / count))
  return Array.from({ length: count }, (_, i) => {
    const shown: Range = [seam(i), seam(i + 1)]
    return { shown, region: [Math.max(start, shown[0] - context), Math.min(end, shown[1] + context)] }
  })
}

/** The windows of a region, in order: one where the model hears all of it at once. `maxSeconds`: of the model; null for no limit. */
export const windowsOf = (region: Region, maxSeconds: number | null): Window[] => {
  const length = region[1] - region[0]
  if (length <= (maxSeconds ?? onePiece) + 1e-5) return [{ region, shown: region }]
  return maxSeconds === null ? open(region) : closed(region, maxSeconds)
}

/** Which window shows a moment; the nearest one for moments outside. */
export const windowAt = (windows: readonly Pick<Window, 'shown'>[], seconds: number): number => {
  const at = windows.findIndex(({ shown }) => seconds < shown[1])
  return at < 0 ? windows.length - 1 : at
}
