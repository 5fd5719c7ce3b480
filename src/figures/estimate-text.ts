import type { RunEstimate } from '../contract/estimate.ts'
import { providerName } from './provenance.ts'

/** What a run would take, in words: the same on the page and on the command line. */

/** "about 4.9 s on the CPU (0.5 s of them to load it), 776 MB of memory and 49 MB of cache"; of one that fits */
export const estimateText = (estimate: RunEstimate): string => {
  const { time, total, cache, tokens } = estimate
  const seconds = time
    ? `about ${secondsText(time.likely)} on the ${providerName(time.provider)}${time.load >= 0.1 ? ` (${secondsText(time.load)} to load it)` : ''}`
    : 'nobody knows how long on a device it has not run on yet'
  const likely = `${seconds}, ${bytesText(total)} of memory and ${bytesText(cache.likely)} of cache`
  if (!tokens || tokens.likely === tokens.most) return likely
  const most = time ? `${secondsText(time.most)} and ` : ''
  return `${likely}; up to ${most}${bytesText(cache.most)} if it writes all ${tokens.most} tokens it may`
}

/** how the seconds are known */
export const basisText = ({ time }: RunEstimate): string => {
  if (!time) return ''
  return time.from === 'runs' ? 'by its earlier runs here' : 'by its multiply-adds and a short trial of the processor'
}

/** "under 0.1 s", "4.9 s", "34 s", "12 min" */
export const secondsText = (seconds: number): string => {
  if (seconds < 0.1) return 'under 0.1 s'
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  return `${Math.round(seconds / 60)} min`
}

/** "590 kB", "1.2 MB", "173 MB", "1.2 GB": decimal units, as disks are sold */
export const bytesText = (bytes: number): string => {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
