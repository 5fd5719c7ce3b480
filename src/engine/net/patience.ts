import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError } from '../../contract/errors.ts'

const mostTries = 5
const longestBackoff = 30_000
/** A server that asks for more is not waited for. */
const longestAsked = 5 * 60_000

/** Whether the failure may be gone when the same is asked again. */
const mayPass = ({ code, detail }: EngineError, answered: boolean): boolean => {
  if (code !== 'no-network') return false
  const { cause, status } = detail
  if (status !== undefined) return true
  return always.has(String(cause)) || (answered && afterAnswers.has(String(cause)))
}

const always = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ended early',
])
/** A host that never answered is not there; one that did before is away for a moment. */
const afterAnswers = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'])

export interface Patience {
  /** an answer came, so the host is there */
  answered(): void
  /** something was achieved: failures are counted anew */
  achieved(): void
  /** waits before the next try, or throws the failure where that is no use, or `signal`'s reason */
  wait(failure: unknown): Promise<void>
}

/** Tries again after 1, 2, 4, 8 times `firstWait`, each shortened by chance by up to a half, or after what the server asks for. */
export const createPatience = (
  firstWait: number,
  onWait: (message: string) => void,
  signal: AbortSignal | undefined,
): Patience => {
  let failures = 0
  let answered = false
  return {
    answered: () => void (answered = true),
    achieved: () => void (failures = 0),
    wait: async (failure) => {
      signal?.throwIfAborted()
      if (!(failure instanceof EngineError) || !mayPass(failure, answered)) throw failure
      failures++
      const asked = failure.detail.waitMs as number | null | undefined
      if (failures >= mostTries || (asked ?? 0) > longestAsked) throw failure
      const backoff = Math.min(longestBackoff, firstWait * 2 ** (failures - 1))
      const wait = asked ?? backoff * (0.5 + Math.random() / 2)
      const [what] = failure.message.split(';')
      onWait(`${what}; trying again in ${Math.max(1, Math.round(wait / 1000))} s (${failures + 1} of ${mostTries})`)
      await sleep(wait, undefined, signal ? { signal } : {})
    },
  }
}
