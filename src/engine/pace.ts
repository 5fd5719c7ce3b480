import { setImmediate } from 'node:timers/promises'

/** Long computations on the engine's thread stop this often to let others be answered. */
const sliceMilliseconds = 8

/** `await pace()` between pieces of work: gives way when a slice is over. */
export type Pace = () => Promise<void>

/** Throws where `signal` was aborted. */
export const createPace = (signal?: AbortSignal): Pace => {
  let started = performance.now()
  return async () => {
    signal?.throwIfAborted()
    if (performance.now() - started < sliceMilliseconds) return
    await setImmediate()
    signal?.throwIfAborted()
    started = performance.now()
  }
}
