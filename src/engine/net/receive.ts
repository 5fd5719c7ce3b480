import { EngineError } from '../../contract/errors.ts'
import { answerError } from './answer-error.ts'
import type { Task } from './download.ts'
import { hostOf, networkError } from './network-error.ts'
import type { PartialFile } from './partial-file.ts'
import { createPatience } from './patience.ts'

/** How an answer goes on with what is here. */
type Step = 'whole' | 'again' | { wrong: string }

/**
 * Asks for what is missing in `partial` until nothing is, again and again where that may help. Answers an empty string, or why what
 * the server sends cannot be what is wanted.
 */
export const receive = async (task: Task, partial: PartialFile): Promise<string> => {
  const { net, wanted, signal, report } = task
  const patience = createPatience(
    net.firstWait,
    (message) => report('wait', partial.bytes, wanted.bytes, message),
    signal,
  )
  let etag: string | null = null
  let furthest = partial.bytes
  while (partial.bytes !== wanted.bytes) {
    const before = partial.bytes
    try {
      const response = await ask(task, before, etag)
      patience.answered()
      etag = strongEtag(response.headers)
      const step = await take(task, partial, response)
      if (step === 'whole') break
      if (step !== 'again') return step.wrong
    } catch (error) {
      // what was here once before, and had to be begun again, is no achievement
      if (partial.bytes > furthest) patience.achieved()
      furthest = Math.max(furthest, partial.bytes)
      await patience.wait(error)
    }
  }
  report('download', partial.bytes)
  return ''
}

const ask = async ({ net, wanted, signal }: Task, from: number, etag: string | null): Promise<Response> => {
  const range = from === 0 ? {} : { range: `bytes=${from}-`, ...(etag === null ? {} : { 'if-range': etag }) }
  // across origins fetch takes the authorization away, as the web's own does
  return net.fetch(wanted.url, {
    headers: { 'accept-encoding': 'identity', ...wanted.headers, ...range },
    ...(signal ? { signal } : {}),
  })
}

const take = async (task: Task, partial: PartialFile, response: Response): Promise<Step> => {
  const { wanted } = task
  const range = rangeOf(response.headers)
  if (response.status === 416 && partial.bytes > 0) {
    await response.body?.cancel()
    if (wanted.bytes === null && range.total === partial.bytes) return 'whole'
    await partial.restart()
    return 'again'
  }
  if (!response.ok) {
    await response.body?.cancel()
    throw answerError(response, task.name)
  }
  const total = response.status === 206 ? range.total : lengthOf(response.headers)
  if (total !== null && wanted.bytes !== null && total !== wanted.bytes) {
    await response.body?.cancel()
    return { wrong: `it has ${total} bytes, not ${wanted.bytes}` }
  }
  if (response.status !== 206) {
    if (partial.bytes > 0) await partial.restart() // the server does not go on in the middle, or has another file now
  } else if (range.from !== partial.bytes) {
    await response.body?.cancel()
    if (partial.bytes === 0) return { wrong: 'it does not begin at its beginning' }
    await partial.restart()
    return 'again'
  }
  await takeBody(task, partial, response, total)
  const end = wanted.bytes ?? total
  if (end === null || partial.bytes === end) return 'whole'
  if (partial.bytes > end) return { wrong: `it has more than ${end} bytes` }
  const host = hostOf(wanted.url)
  throw new EngineError('no-network', `the connection to ${host} ended early; try again`, {
    cause: 'ended early',
    host,
  })
}

/** Until its end, or beyond the wanted one. */
const takeBody = async (task: Task, partial: PartialFile, response: Response, total: number | null): Promise<void> => {
  const { net, wanted, signal, report } = task
  const reader = response.body?.getReader()
  if (!reader) return
  const end = total ?? wanted.bytes
  report('download', partial.bytes, end)
  try {
    while (partial.bytes <= (end ?? Infinity)) {
      const { value } = await reader.read().catch((error: unknown) => {
        signal?.throwIfAborted()
        throw networkError(error, response.url || wanted.url, net.proxy)
      })
      if (!value) return
      if (await partial.append(value)) report('download', partial.bytes, end)
    }
  } finally {
    await reader.cancel().catch(() => undefined) // it has ended, or failed: said already
  }
}

/** A weak one says nothing about bytes. */
const strongEtag = (headers: Headers): string | null => {
  const etag = headers.get('etag')
  return etag?.startsWith('"') ? etag : null
}

/** Content-Range: bytes 10-19/20, or bytes *\/20 */
const rangeOf = (headers: Headers): { from: number | null; total: number | null } => {
  const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)$/.exec(headers.get('content-range') ?? '') ?? []
  return { from: from === undefined ? null : Number(from), total: total === undefined ? null : Number(total) }
}

/** null where it is unknown, or of compressed bytes that fetch has unpacked */
const lengthOf = (headers: Headers): number | null => {
  const length = headers.get('content-length')
  return length === null || headers.has('content-encoding') ? null : Number(length)
}
