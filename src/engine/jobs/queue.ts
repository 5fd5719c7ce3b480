import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../contract/contract.ts'
import { EngineError } from '../../contract/errors.ts'
import type { inference } from '../../contract/inference.ts'
import type { Inference } from './supervisor.ts'

type Jobs = Pick<Client<typeof inference>, 'run' | 'compare' | 'prove' | 'trial'>
type CallOptions = Parameters<Jobs['run']>[1]

/**
 * One job at a time, first come, first served. While a job waits its caller hears `waiting` parts, `total` being the jobs before
 * it. Cancelling a waiting job drops it; cancelling the running one lets it stop between stages, and where the process
 * does not answer within `graceMilliseconds` (a run blocks it) it is killed and started again.
 */
export const createQueue = (process: Pick<Inference, 'client' | 'restart'>, graceMilliseconds = 1000): Jobs => {
  const waiting: (() => void)[] = []
  let busy = false

  const next = (): void => {
    const start = waiting.shift()
    busy = start !== undefined
    start?.()
  }

  const turn = (options: CallOptions): Promise<void> =>
    new Promise((resolve, reject) => {
      options?.signal?.throwIfAborted()
      if (!busy) {
        busy = true
        return resolve()
      }
      const leave = (): void => {
        waiting.splice(waiting.indexOf(start), 1)
        reject(cancelled())
      }
      const start = (): void => {
        options?.signal?.removeEventListener('abort', leave)
        resolve()
      }
      options?.signal?.addEventListener('abort', leave, { once: true })
      waiting.push(start)
      options?.onPart?.({ stage: 'waiting', done: 0, total: waiting.length })
    })

  /** A cancelled job has stopped, or soon will, if the process answers at all: it hears messages in order. */
  const settle = async (): Promise<void> => {
    const answer = process.client.settled({}).catch(() => {})
    const timeout = new AbortController()
    const slow = sleep(graceMilliseconds, 'slow', { signal: timeout.signal }).catch(() => {})
    if ((await Promise.race([answer, slow])) === 'slow') await process.restart()
    timeout.abort()
  }

  const inTurn = async <T>(options: CallOptions, work: () => Promise<T>): Promise<T> => {
    await turn(options).catch((error: unknown) => {
      throw options?.signal?.aborted ? cancelled() : error
    })
    try {
      return await work()
    } finally {
      if (options?.signal?.aborted) void settle().finally(next)
      else next()
    }
  }
  return {
    run: (input, options) => inTurn(options, () => process.client.run(input, options)),
    compare: (input, options) => inTurn(options, () => process.client.compare(input, options)),
    prove: (input, options) => inTurn(options, () => process.client.prove(input, options)),
    trial: (input, options) => inTurn(options, () => process.client.trial(input, options)),
  }
}

const cancelled = (): EngineError => new EngineError('cancelled', 'cancelled')
