import { z } from 'zod'
import { query, stream, topic, type Handlers } from '../../src/contract/contract.ts'
import { EngineError } from '../../src/contract/errors.ts'

/** A small contract with one operation of each kind, and what answers it. */
export const trial = {
  double: query<Float32Array>()(
    z.object({ values: z.instanceof(Float32Array), times: z.number().positive().default(2) }),
  ),
  fail: query<null>()(z.object({ how: z.enum(['named', 'thrown', 'thrown-late']) })),
  count: stream<number, string>()(z.object({ to: z.number().int() })),
  forever: stream<number, null>()(z.object({})),
  ticks: topic<string>(),
}

export interface TrialLog {
  aborted: number
  subscribed: number
}

export const trialHandlers = (log: TrialLog): Handlers<typeof trial> => ({
  double: ({ values, times }) => values.map((value) => value * times),
  fail: ({ how }) => {
    if (how === 'named') throw new EngineError('not-found', 'no such thing: x', { name: 'x' })
    const error = new Error(`boom\n${'secret line\n'.repeat(50)}`)
    if (how === 'thrown') throw error
    return Promise.reject(error)
  },
  count: ({ to }, { part }) => {
    for (let i = 1; i <= to; i++) part(i)
    return `counted to ${to}`
  },
  forever: (_input, { signal, part }) =>
    new Promise((_resolve, reject) => {
      let i = 0
      const timer = setInterval(() => part(i++), 5)
      signal.addEventListener('abort', () => {
        clearInterval(timer)
        log.aborted++
        reject(signal.reason as Error)
      })
    }),
  ticks: (publish) => {
    log.subscribed++
    publish('first')
    const timer = setInterval(() => publish('next'), 5)
    return () => {
      clearInterval(timer)
      log.subscribed--
    }
  },
})
