import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { engine as contract, type EngineHandlers } from '../../src/contract/engine.ts'
import { EngineError } from '../../src/contract/errors.ts'
import type { Recording } from '../../src/contract/recording.ts'
import { connect } from '../../src/rpc/connect.ts'
import { socketPort } from '../../src/rpc/ports/socket.ts'
import { startServer, type ServedPage } from '../../src/server/index.ts'

/** The server alone: what stands behind it answers from memory, because who may speak to it is all that is looked at. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-page-'))
const opened: { path: string; name: string | undefined; bytes: number }[] = []
let page: ServedPage
let port: number
let token: string

beforeAll(async () => {
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(folder, 'page', 'assets', 'index.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  page = await startServer({
    handlers: { 'recordings.list': () => [] } as unknown as EngineHandlers,
    open: ({ path, name }) => {
      const bytes = readFileSync(path).length
      if (bytes === 0) throw new EngineError('bad-recording', 'the file is empty')
      opened.push({ path, name, bytes })
      return { id: 'abc', name, bytes } as Recording
    },
    folder: join(folder, 'page'),
    port: 0,
    uploadLimitBytes: 1000,
  })
  port = Number(new URL(page.url).port)
  token = new URL(page.url).searchParams.get('token') ?? ''
})

afterAll(async () => {
  await page.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

const send = (
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers: options.headers },
      (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })

const bearer = () => ({ Authorization: `Bearer ${token}` })

const upgrade = (path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    socket.on('open', () => {
      socket.close()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, response) => {
      expect(response.headers['content-security-policy']).toContain("default-src 'none'")
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })

test('the printed address opens the page, and its cookie opens the rest', async () => {
  const first = await send(new URL(page.url).pathname + new URL(page.url).search)
  expect(first.status).toBe(200)
  expect(first.body).toContain('<title>page</title>')
  const [cookie] = first.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/)
  const second = await send('/assets/index.js', { headers: { Cookie: cookie?.split(';')[0] ?? '' } })
  expect(second.status).toBe(200)
  expect(second.headers['content-type']).toMatch(/^text\/javascript/)
  expect(second.headers['set-cookie']).toBeUndefined()
})

test('without the token everything is refused with 401', async () => {
  for (const path of ['/', '/assets/index.js', '/nothing', '/?token=wrong', `/?token=${'x'.repeat(32)}`])
    expect((await send(path)).status).toBe(401)
  expect((await send('/recordings?name=a.wav', { method: 'POST', body: 'x' })).status).toBe(401)
  expect((await send('/', { headers: { Cookie: `otoscope-${port}=wrong` } })).status).toBe(401)
})

test('a foreign host or origin is refused with 403 even with the token', async () => {
  expect((await send('/', { headers: { ...bearer(), Host: 'evil.example' } })).status).toBe(403)
  expect((await send('/', { headers: { ...bearer(), Host: `evil.example:${port}` } })).status).toBe(403)
  for (const Origin of ['http://evil.example', 'null', `http://127.0.0.1:${port + 1}`])
    expect((await send('/', { headers: { ...bearer(), Origin } })).status).toBe(403)
  expect((await send('/', { headers: { ...bearer(), Origin: `http://127.0.0.1:${port}` } })).status).toBe(200)
})

test('every answer carries the policy, refusals included', async () => {
  const answers = [
    await send('/', { headers: bearer() }),
    await send('/'),
    await send('/', { headers: { Host: 'evil.example' } }),
    await send('/nothing', { headers: bearer() }),
    await send('/', { method: 'DELETE', headers: bearer() }),
    await send('/favicon.ico', { headers: bearer() }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 403, 404, 405, 204])
  for (const { headers } of answers) {
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
    expect(headers['cache-control']).toBe('no-store')
  }
})

test('no path leads out of the page folder', async () => {
  const paths = ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '/%00', '/%']
  for (const path of [...paths, '/..%5csecret.txt', '//etc/passwd', '/assets'])
    expect((await send(path, { headers: bearer() })).status).toBe(404)
})

test('a WebSocket needs the token, our origin and the right path', async () => {
  expect(await upgrade('/rpc', {})).toBe(401)
  expect(await upgrade('/rpc', { ...bearer(), Origin: 'http://evil.example' })).toBe(403)
  expect(await upgrade('/rpc', { ...bearer(), Host: 'evil.example' })).toBe(403)
  expect(await upgrade('/other', bearer())).toBe(404)
  expect(await upgrade('/rpc', { ...bearer(), Origin: `http://127.0.0.1:${port}` })).toBe(101)
  expect(await upgrade(`/rpc?token=${token}`, {})).toBe(101)
})

test('the engine answers over the WebSocket, and host calls are not there', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers: bearer() })
  const client = connect(contract, socketPort(socket as never))
  expect(await client['recordings.list']({})).toEqual([])
  const anything = connect({ ...contract, 'files.open': contract['models.inspect'] }, socketPort(socket as never))
  await expect(anything['files.open']({ model: '/etc/passwd' })).rejects.toThrow('unknown operation')
  socket.close()
})

test('an upload is opened under its own name and removed at the end', async () => {
  const own = await startServer({
    handlers: {} as EngineHandlers,
    open: ({ path, name }) => {
      opened.push({ path, name, bytes: readFileSync(path).length })
      return { id: 'abc', name } as Recording
    },
    folder,
    port: 0,
  })
  const url = new URL(own.url)
  const name = encodeURIComponent('../../thunder & "rain".wav')
  const response = await fetch(`${url.origin}/recordings?name=${name}${url.search.replace('?', '&')}`, {
    method: 'POST',
    body: 'sound',
  })
  expect(await response.json()).toEqual({ id: 'abc', name: 'thunder & "rain".wav' })
  const { path, bytes } = opened.at(-1)!
  expect(bytes).toBe(5)
  expect(existsSync(path)).toBe(true)
  await own.close()
  expect(existsSync(path)).toBe(false)
})

test('an upload that cannot be opened, or is too large, is answered with a sentence and leaves nothing', async () => {
  const empty = await send('/recordings?name=a.wav', { method: 'POST', headers: bearer(), body: '' })
  // any other status is an error in a browser's console
  expect(empty.status).toBe(200)
  expect(JSON.parse(empty.body)).toEqual({ error: { code: 'bad-recording', message: 'the file is empty', detail: {} } })
  const headers = { ...bearer(), 'Transfer-Encoding': 'chunked' }
  for (const body of [Buffer.alloc(2000), Buffer.alloc(300_000)])
    for (const sent of [bearer(), headers]) {
      const large = await send('/recordings?name=a.wav', { method: 'POST', headers: sent, body }).catch(() => null)
      // a client that is still writing may see the connection end before the answer
      if (large) expect(large.body).toContain('the file is larger than')
    }
  const small = await send('/recordings?name=b.wav', { method: 'POST', headers: bearer(), body: 'sound' })
  expect(small.status).toBe(200)
  expect(readdirSync(join(opened.at(-1)!.path, '..'))).toHaveLength(1)
})

test('a port that is taken is an error with a sentence', async () => {
  const taken = startServer({ handlers: {} as EngineHandlers, open: () => ({}) as Recording, folder, port })
  await expect(taken).rejects.toThrow(`port ${port} cannot be served: it is in use`)
})
