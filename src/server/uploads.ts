import { open, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError, toWire } from '../contract/errors.ts'
import type { HostHandlers } from '../contract/host.ts'
import { openWorkFolder } from '../engine/work-folder.ts'
import { answerJson } from './answer.ts'
import { queryOf } from './gate.ts'

export interface Uploads {
  /**
   * `POST /recordings?name=…`: the body is the file. Answers with the Recording, or with `{ error: { code, message, detail } }` where it
   * is refused: with 200 as well, because a browser reports every other status as an error of the page.
   */
  receive(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** removes everything that was uploaded */
  close(): void
}

const uploadLimitBytes = 2 * 2 ** 30

/** Keeps uploads in a temporary folder of its own. A name is a label only: files on disk are numbered. */
export const createUploads = (
  openRecording: HostHandlers['files.open'],
  limitBytes: number = uploadLimitBytes,
): Uploads => {
  const folder = openWorkFolder(tmpdir(), 'otoscope-uploads')
  let count = 0
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = (queryOf(request).get('name') ?? '').split(/[/\\]/).at(-1) || 'recording'
    const path = join(folder.path, String(count++))
    const aborter = new AbortController()
    response.on('close', () => aborter.abort())
    try {
      await store(request, path, limitBytes)
      answerJson(response, 200, await openRecording({ path, name, ask: true, ours: true }, { signal: aborter.signal }))
    } catch (error) {
      // one without a header is kept: it waits
      if (!(error instanceof EngineError && error.detail['rawFile'])) await rm(path, { force: true })
      if (response.destroyed) return
      // what is left of the body is not read
      response.setHeader('Connection', 'close')
      answerJson(response, 200, { error: toWire(error) })
    }
  }
  return { receive, close: () => folder[Symbol.dispose]() }
}

const tooLarge = (limit: number): EngineError =>
  new EngineError('bad-recording', `the file is larger than ${Math.round(limit / 2 ** 20)} MB, the most that is taken`)

/** Reads the body into a new file. A body that is too large is left where it is, so that the answer can still be sent. */
const store = async (request: IncomingMessage, path: string, limit: number): Promise<void> => {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  const file = await open(path, 'wx', 0o600)
  try {
    let bytes = 0
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > limit) throw tooLarge(limit)
      await file.write(chunk)
    }
  } finally {
    await file.close()
  }
}
