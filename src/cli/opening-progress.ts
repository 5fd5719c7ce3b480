import type { Opening } from '../contract/opening.ts'
import { createProgress, type Progress } from './progress.ts'

/** What is open in less than this needs no word. */
const patienceMilliseconds = 1000

/** Hears which files are being opened, and shows on stderr those that take long. */
export const createOpeningProgress = (stream?: NodeJS.WriteStream): ((openings: Opening[]) => void) => {
  const seen = new Map<number, { since: number; progress: Progress }>()
  return (openings) => {
    for (const [id, { progress }] of seen)
      if (!openings.some((one) => one.id === id)) {
        progress.end()
        seen.delete(id)
      }
    for (const { id, name, seconds, secondsPromised } of openings) {
      const entry = seen.get(id) ?? { since: performance.now(), progress: createProgress(name, stream) }
      seen.set(id, entry)
      if (performance.now() - entry.since < patienceMilliseconds) continue
      entry.progress.part({ stage: 'decode', done: Math.round(seconds), total: Math.round(secondsPromised ?? 0) })
    }
  }
}
