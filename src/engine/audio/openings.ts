import { EngineError } from '../../contract/errors.ts'
import type { Opening } from '../../contract/opening.ts'
import type { Peaks } from '../../contract/recording.ts'
import { peaksOfEnvelope } from '../../signal/peaks.ts'
import type { Hearing, HearingListener } from './listen.ts'
import { shownName } from './shown-name.ts'

/** The files that are being opened: a page shows how far each has come, and can end it. */
export interface Openings {
  /** runs `open` as an opening that is told of; ended by `signal` or by `cancel` */
  follow<T>(
    name: string,
    signal: AbortSignal,
    open: (options: { signal: AbortSignal; onHeard: HearingListener }) => Promise<T>,
  ): Promise<T>
  /** false where it is over already */
  cancel(id: number): boolean
  /** hears the whole list at once and whenever it changes */
  subscribe(listener: (openings: Opening[]) => void): () => void
}

const mostColumns = 1024
/** What is known already is open before this: nobody needs to see it come. */
const patienceMilliseconds = 100

const peaksOf = ({ overview, seconds, rate }: Hearing): Peaks => {
  const { framesPerBucket, min } = overview
  const frames = min.length * framesPerBucket
  const columns = Math.max(1, Math.min(mostColumns, min.length))
  const range: Peaks['range'] = [0, Math.min(seconds, frames / rate)]
  return { range, ...peaksOfEnvelope(overview, framesPerBucket, [0, frames], columns) }
}

export const createOpenings = (): Openings => {
  const running = new Map<number, { opening: Opening; ending: AbortController }>()
  const listeners = new Set<(openings: Opening[]) => void>()
  let next = 0
  const list = (): Opening[] => [...running.values()].map(({ opening }) => opening)
  const tell = (): void => listeners.forEach((listener) => listener(list()))
  return {
    follow: async (name, signal, open) => {
      const id = next++
      const ending = new AbortController()
      const entry = { opening: { id, name: shownName(name), seconds: 0, secondsPromised: null, peaks: null }, ending }
      const onHeard: HearingListener = (hearing) => {
        const { seconds, secondsPromised } = hearing
        running.set(id, { ending, opening: { ...entry.opening, seconds, secondsPromised, peaks: peaksOf(hearing) } })
        tell()
      }
      running.set(id, entry)
      const patience = setTimeout(tell, patienceMilliseconds)
      try {
        return await open({ signal: AbortSignal.any([signal, ending.signal]), onHeard })
      } finally {
        clearTimeout(patience)
        running.delete(id)
        tell()
      }
    },
    cancel: (id) => {
      const found = running.get(id)
      found?.ending.abort(new EngineError('cancelled', `opening ${found.opening.name} was cancelled`))
      return found !== undefined
    },
    subscribe: (listener) => {
      listeners.add(listener)
      listener(list())
      return () => void listeners.delete(listener)
    },
  }
}
