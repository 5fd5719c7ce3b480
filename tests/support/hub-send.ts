import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Served } from './hub-content.ts'

/** What goes wrong with an answer. Those of a body touch only answers that have one. */
export type Fault =
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'silent' } // nothing comes, not even headers
  | { kind: 'slow'; bytesPerSecond: number }
  | { kind: 'cut'; after: number } // the connection breaks after so many bytes of this body
  | { kind: 'hangs'; after: number } // stays open, and silent
  | { kind: 'wrong bytes' } // one byte of this body is another
  | { kind: 'wrong length'; by: number } // this body ends so many bytes later, or where negative, earlier, as its header says
  | { kind: 'ignores range' }
  | { kind: 'another range'; by: number } // begins so many bytes later than was asked for, and says so
  | { kind: 'etag'; etag: string }

export const isOfBody = (fault: Fault): boolean => fault.kind !== 'status' && fault.kind !== 'silent'

interface Range {
  from: number
  to: number
}

/** [from, to) asked for; null where the whole is; undefined where there is no such range. */
const rangeOf = (request: IncomingMessage, bytes: number, etag: string): Range | null | undefined => {
  const found = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  if (!found) return null
  const condition = request.headers['if-range']
  if (condition !== undefined && condition !== etag) return null
  const from = Number(found[1])
  const to = found[2] === '' ? bytes : Math.min(bytes, Number(found[2]) + 1)
  return from < to ? { from, to } : undefined
}

/** Answers with a file or the range asked for, spoilt as `fault` says. */
export const send = async (
  request: IncomingMessage,
  response: ServerResponse,
  content: Served,
  headers: Record<string, string>,
  fault: Fault | undefined,
): Promise<void> => {
  const etag = fault?.kind === 'etag' ? fault.etag : (headers.etag ?? '')
  const range = fault?.kind === 'ignores range' ? null : rangeOf(request, content.bytes, etag)
  if (range === undefined) {
    response.writeHead(416, { 'content-range': `bytes */${content.bytes}` }).end()
    return
  }
  const shift = fault?.kind === 'another range' ? fault.by : 0
  const { from: asked, to } = range ?? { from: 0, to: content.bytes }
  const from = asked + shift
  const isPart = range !== null || shift > 0
  const extra = fault?.kind === 'wrong length' ? fault.by : 0
  response.writeHead(isPart ? 206 : 200, {
    'accept-ranges': 'bytes',
    ...headers,
    etag,
    'content-length': String(to - from + extra),
    ...(isPart ? { 'content-range': `bytes ${from}-${to - 1}/${content.bytes + extra}` } : {}),
  })
  if (request.method === 'HEAD') response.end()
  else await sendBody(response, spoil(content.read(from, Math.min(to, to + extra)), fault, extra), fault)
}

/** The bytes themselves, changed or made longer. */
async function* spoil(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  fault: Fault | undefined,
  extra: number,
): AsyncIterable<Uint8Array> {
  let first = fault?.kind === 'wrong bytes'
  for await (const piece of pieces) {
    const bytes = first ? Buffer.from(piece) : piece
    if (first) bytes[bytes.length >> 1]! ^= 1
    first = false
    yield bytes
  }
  if (extra > 0) yield Buffer.alloc(extra)
}

const sendBody = async (
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  fault: Fault | undefined,
): Promise<void> => {
  let sent = 0
  for await (const piece of pieces) {
    const stop = fault?.kind === 'cut' || fault?.kind === 'hangs' ? fault.after - sent : Infinity
    for (const part of parts(piece.subarray(0, stop), fault)) {
      if (response.destroyed) return
      if (!response.write(part)) await drained(response)
      if (fault?.kind === 'slow') await sleep((1000 * part.length) / fault.bytesPerSecond)
    }
    sent += piece.length
    if (piece.length > stop || sent === (fault as { after?: number } | undefined)?.after) {
      if (fault?.kind === 'cut') await cut(response)
      return
    }
  }
  response.end()
}

/** Resolves when more can be written, or nobody listens any more. */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })

/** What was sent must arrive first: ending the socket throws away what it still holds. */
const cut = async (response: ServerResponse): Promise<void> => {
  const { socket } = response
  while (socket && !socket.destroyed && socket.writableLength > 0) await sleep(1)
  socket?.end()
}

/** A slow body comes in twentieths of a second. */
const parts = function* (piece: Uint8Array, fault: Fault | undefined): Iterable<Uint8Array> {
  const step = fault?.kind === 'slow' ? Math.max(1, Math.round(fault.bytesPerSecond / 20)) : piece.length
  for (let at = 0; at < piece.length; at += step) yield piece.subarray(at, at + step)
}
