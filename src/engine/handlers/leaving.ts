/** Work that its caller has ended, and that still puts away what it has: what comes next waits until it has left. */
export interface Leaving {
  /** the same work, known to `settled` from the moment its signal is aborted */
  watch<T>(work: Promise<T>, signal: AbortSignal): Promise<T>
  settled(): Promise<unknown>
}

export const createLeaving = (): Leaving => {
  const leaving = new Set<Promise<unknown>>()
  return {
    watch: async (work, signal) => {
      const leave = (): unknown => leaving.add(work)
      signal.addEventListener('abort', leave, { once: true })
      try {
        return await work
      } finally {
        signal.removeEventListener('abort', leave)
        leaving.delete(work)
      }
    },
    settled: () => Promise.allSettled(leaving),
  }
}
