/**
 * The answers asked for last. Who asks the same at the same time waits for one computation, which ends when nobody waits for it
 * any more; what failed or was ended is not kept.
 */
export const createShared = <Answer>(mostKept: number) => {
  const kept = new Map<string, Answer>()
  const going = new Map<string, { answer: Promise<Answer>; waiting: number; stop: AbortController }>()

  const start = (key: string, make: (signal: AbortSignal) => Promise<Answer>) => {
    const stop = new AbortController()
    const answer = make(stop.signal)
      .then((found) => {
        keep(key, found)
        return found
      })
      .finally(() => {
        if (going.get(key)?.stop === stop) going.delete(key)
      })
    // whoever waits hears of a failure; where nobody does any more it is no news
    answer.catch(() => {})
    const flight = { answer, waiting: 0, stop }
    going.set(key, flight)
    return flight
  }
  const keep = (key: string, answer: Answer): void => {
    kept.delete(key)
    kept.set(key, answer)
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!)
  }

  return {
    of: async (key: string, signal: AbortSignal, make: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> => {
      signal.throwIfAborted()
      const known = kept.get(key)
      if (known !== undefined) {
        keep(key, known)
        return known
      }
      const flight = going.get(key) ?? start(key, make)
      flight.waiting++
      return new Promise<Answer>((resolve, reject) => {
        const leave = (): void => {
          flight.waiting--
          if (flight.waiting === 0) {
            going.delete(key)
            flight.stop.abort()
          }
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', leave, { once: true })
        flight.answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
      })
    },
  }
}
