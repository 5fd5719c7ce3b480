import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EngineError, type ErrorCode } from '../../../src/contract/errors.ts'
import { downloadFile, type Wanted } from '../../../src/engine/net/download.ts'
import { serve } from '../../support/hub-content.ts'
import { signature, startHub, type Seen } from '../../support/hub-server.ts'
import { testNeeding } from '../../support/needs.ts'
import { isDone, setUp, type Bench } from './downloads.ts'

let bench: Bench
beforeAll(async () => {
  bench = await setUp()
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(() => bench.hub.heal())

const size = 5e6
const asked = ({ path }: Wanted): Seen[] => bench.hub.requests.filter((seen) => seen.path.includes(basename(path)))
const spoil = ({ path }: Wanted, ...[fault, times]: [Parameters<Bench['hub']['fault']>[1], number?]): void =>
  bench.hub.fault(basename(path), fault, times)

const failure = async (work: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}

const expectFailure = async (wanted: Wanted, code: ErrorCode, sentence: RegExp): Promise<void> => {
  const error = await failure(bench.download(wanted))
  expect(error.message).toMatch(sentence)
  expect(error.code).toBe(code)
  expect(existsSync(wanted.path)).toBe(false)
}

describe('a download', () => {
  test('ends in the verified file and nothing beside it, in a folder it makes', async () => {
    const wanted = bench.file({ generated: size })
    const deep = { ...wanted, path: join(bench.folder, 'a/b/c.bin'), partial: join(bench.folder, 'a/d/c.partial') }
    const seen = await bench.download(deep)
    expect(isDone(deep)).toBe(true)
    expect(seen.at(-1)).toEqual({ stage: 'download', bytes: size, total: size, message: '' })
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
  })

  test('of a small file of the hub is verified by git’s own hash of it', async () => {
    const text = '{"model_type":"whisper"}'
    bench.hub.commit('owner/small', { files: { 'config.json': text } })
    const { gitSha1, bytes } = serve(text)
    const wanted: Wanted = {
      ...bench.file(text),
      url: `${bench.hub.endpoint}/owner/small/resolve/main/config.json`,
      bytes,
      hash: { algorithm: 'git-sha1', hex: gitSha1 },
    }
    await bench.download(wanted)
    expect(readFileSync(wanted.path, 'utf8')).toBe(text)
    const wrong: Wanted = {
      ...wanted,
      path: join(bench.folder, 'no'),
      hash: { algorithm: 'git-sha1', hex: '0'.repeat(40) },
    }
    await expectFailure(wrong, 'bad-download', /its git-sha1 is/)
  })

  test('of an empty file asks for nothing', async () => {
    const wanted = bench.file('')
    await bench.download(wanted)
    expect(statSync(wanted.path).size).toBe(0)
    expect(asked(wanted)).toHaveLength(0)
  })

  test('asks for nothing where the file is already in place, and verifies it', async () => {
    const wanted = bench.file({ generated: size })
    await bench.download(wanted)
    const before = asked(wanted).length
    expect((await bench.download(wanted)).map(({ stage }) => stage)).toContain('verify')
    expect(asked(wanted)).toHaveLength(before)
  })

  test('replaces a file in place that is not the wanted one', async () => {
    const wanted = bench.file({ generated: size })
    writeFileSync(wanted.path, Buffer.alloc(size))
    await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
  })

  test('of unknown length and hash takes what comes', async () => {
    const wanted = bench.file('some text', { bytes: null, hash: null })
    await bench.download(wanted)
    expect(readFileSync(wanted.path, 'utf8')).toBe('some text')
  })
})

describe('what is already here', () => {
  test('is verified, and only the rest is asked for', async () => {
    const wanted = bench.file({ generated: size })
    writeFileSync(wanted.partial, Buffer.concat([...(serve({ generated: size }).read(0, 3e6) as Iterable<Uint8Array>)]))
    const seen = await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(asked(wanted).map(({ headers }) => headers.range)).toEqual(['bytes=3000000-'])
    expect(seen.filter(({ stage }) => stage === 'verify').at(-1)?.bytes).toBe(3e6)
  })

  test('is enough where only the last step was missing', async () => {
    for (const bytes of [size, null]) {
      const wanted = bench.file({ generated: size }, { bytes })
      writeFileSync(
        wanted.partial,
        Buffer.concat([...(serve({ generated: size }).read(0, size) as Iterable<Uint8Array>)]),
      )
      await bench.download(wanted)
      expect(isDone(wanted)).toBe(true)
    }
  })

  test('is thrown away once where it turns out to be wrong', async () => {
    const wanted = bench.file({ generated: size })
    writeFileSync(wanted.partial, Buffer.alloc(1e6, 7))
    await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(asked(wanted).map(({ headers }) => headers.range)).toEqual(['bytes=1000000-', undefined])
  })

  test('is not used where it is too long, or where nothing could tell that it is wrong', async () => {
    const long = bench.file('short')
    writeFileSync(long.partial, 'longer than short')
    await bench.download(long)
    expect(readFileSync(long.path, 'utf8')).toBe('short')
    const unknown = bench.file('some text', { hash: null })
    writeFileSync(unknown.partial, 'wro')
    await bench.download(unknown)
    expect(readFileSync(unknown.path, 'utf8')).toBe('some text')
  })

  test('is begun anew by a server that does not go on in the middle', async () => {
    const wanted = bench.file({ generated: size })
    appendFileSync(wanted.partial, Buffer.alloc(1e6, 7))
    spoil(wanted, { kind: 'ignores range' })
    await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(asked(wanted)).toHaveLength(1)
  })
})

describe('a server in trouble', () => {
  test('that is busy, for as long as it says, or broken is asked again', async () => {
    const wanted = bench.file({ generated: size })
    const date = new Date(Date.now() - 1000).toUTCString()
    spoil(wanted, { kind: 'status', status: 429, headers: { 'retry-after': '0' } }, 1)
    spoil(wanted, { kind: 'status', status: 429, headers: { 'retry-after': date } }, 1)
    spoil(wanted, { kind: 'status', status: 500 }, 1)
    spoil(wanted, { kind: 'status', status: 503 }, 1)
    const seen = await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    const waits = seen.filter(({ stage }) => stage === 'wait').map(({ message }) => message)
    expect(waits).toHaveLength(4)
    expect(waits[0]).toMatch(
      /^localhost:\d+ allows no more requests for now \(429\); trying again in \d+ s \(2 of 5\)$/,
    )
    expect(waits[2]).toMatch(/cannot answer now \(500\); trying again in/)
  })

  test('that stays broken is asked five times', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'status', status: 503 })
    await expectFailure(wanted, 'no-network', /^localhost:\d+ cannot answer now \(503\); try again later$/)
    expect(asked(wanted)).toHaveLength(5)
  })

  test('that wants to be left alone for an hour is not waited for', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'status', status: 429, headers: { ratelimit: '"resolvers";r=0;t=3600' } })
    await expectFailure(wanted, 'no-network', /allows no more requests for now \(429\); try again in 60 min$/)
    expect(asked(wanted)).toHaveLength(1)
  })

  test('that cuts every answer off is asked for the rest as long as something comes', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'cut', after: 700_000 })
    const seen = await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    const ranges = asked(wanted).map(({ headers }) => headers.range)
    expect(ranges.slice(0, 3)).toEqual([undefined, 'bytes=700000-', 'bytes=1400000-'])
    expect(asked(wanted)[1]?.headers['if-range']).toMatch(/^"[0-9a-f]{32}"$/)
    expect(seen.some(({ message }) => message.includes('was cut off; trying again in'))).toBe(true)
  })

  test('that cuts every answer off at once is given up', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'cut', after: 0 })
    await expectFailure(wanted, 'no-network', /the connection to localhost:\d+ was cut off; try again/)
    expect(asked(wanted)).toHaveLength(5)
  })

  test('that falls silent, before or in the middle, is asked again', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'silent' }, 1)
    spoil(wanted, { kind: 'hangs', after: 2e6 }, 1)
    const seen = await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(seen.filter(({ message }) => message.includes('fell silent'))).toHaveLength(2)
  })

  test('that goes away in the middle and comes back is waited for', async () => {
    const bytes = Buffer.alloc(size, 'abc')
    const server = createServer((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const part = from === 0 ? bytes.subarray(0, 2e6) : bytes.subarray(from)
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': size - from,
        ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${size - 1}/${size}` }),
      })
      response.write(part, () => {
        if (from > 0) return void response.end()
        server.close()
        response.socket?.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const wanted = bench.file(bytes, { url: `http://127.0.0.1:${port}/` })
    const messages: string[] = []
    await downloadFile(bench.net, wanted, {
      onProgress: ({ message }) => {
        if (message) messages.push(message)
        if (message.includes('refuses the connection') && !server.listening) server.listen(port, '127.0.0.1')
      },
    })
    expect(isDone(wanted)).toBe(true)
    expect(messages.at(-1)).toContain('refuses the connection')
    server.close()
  })

  test('that is slow is waited for', async () => {
    const wanted = bench.file({ generated: 200_000 })
    spoil(wanted, { kind: 'slow', bytesPerSecond: 400_000 })
    const seen = await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(seen.filter(({ stage, bytes }) => stage === 'download' && bytes > 0 && bytes < 200_000)).not.toHaveLength(0)
  })

  test('that changes the file in the middle is asked for all of it', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'cut', after: 1e6 }, 1)
    spoil(wanted, { kind: 'etag', etag: '"another"' }, 1)
    await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(asked(wanted)).toHaveLength(2)
  })
})

describe('what is not what was promised', () => {
  test('wrong bytes are fetched once more, whole', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'wrong bytes' }, 1)
    await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(asked(wanted).map(({ headers }) => headers.range)).toEqual([undefined, undefined])
  })

  test('wrong bytes again are refused, and nothing is kept of them', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'wrong bytes' })
    await expectFailure(
      wanted,
      'bad-download',
      /^file-\d+\.bin from localhost:\d+ is not what was promised: its sha256 is/,
    )
    expect(asked(wanted)).toHaveLength(2)
    expect(existsSync(wanted.partial)).toBe(false)
  })

  test('a wrong length is refused before its bytes come', async () => {
    for (const by of [-1, 1000]) {
      const wanted = bench.file({ generated: size })
      spoil(wanted, { kind: 'wrong length', by })
      await expectFailure(wanted, 'bad-download', new RegExp(`it has ${size + by} bytes, not ${size};`))
      expect(existsSync(wanted.partial)).toBe(false)
    }
  })

  test('a page of a captive network in place of the file is refused', async () => {
    const wanted = bench.file('<html>please log in</html>', { bytes: 1234 })
    await expectFailure(wanted, 'bad-download', /it has 26 bytes, not 1234/)
  })
})

describe('what cannot be had', () => {
  const wantedOf = (repo: string, headers?: Record<string, string>): Wanted => ({
    ...bench.file('{}'),
    url: `${bench.hub.endpoint}/${repo}/resolve/main/config.json`,
    ...(headers ? { headers } : {}),
  })

  test('a gated model wants a token, then its licence accepted', async () => {
    bench.hub.commit('owner/gated', { files: { 'config.json': '{}' }, gated: 'manual' })
    await expectFailure(
      wantedOf('owner/gated'),
      'not-allowed',
      /\(401: Access to model owner\/gated is restricted.*token/,
    )
    const known = wantedOf('owner/gated', { authorization: 'Bearer hf_ok' })
    const error = await failure(bench.download(known))
    expect(error.detail).toMatchObject({ status: 403, reason: 'GatedRepo' })
    const unknown = wantedOf('owner/gated', { authorization: 'Bearer hf_stolen' })
    const refused = await failure(bench.download(unknown))
    expect(refused.message).toContain('Invalid credentials')
    expect(JSON.stringify(refused)).not.toContain('hf_stolen')
  })

  test('a file or repository that is not there is said', async () => {
    bench.hub.commit('owner/bare', { files: { 'README.md': '' } })
    await expectFailure(wantedOf('owner/bare'), 'not-found', /has no file-\d+\.bin \(404: Entry not found\)/)
    const error = await failure(bench.download(wantedOf('owner/none', { authorization: 'Bearer hf_ok' })))
    expect(error).toMatchObject({ code: 'not-found', detail: { reason: 'RepoNotFound' } })
  })

  test('nothing is tried again that cannot pass', async () => {
    const wanted = { ...wantedOf('owner/nobody'), name: 'config.json of owner/nobody' }
    expect((await failure(bench.download(wanted))).message).toContain(
      'give config.json of owner/nobody to this program',
    )
    expect(bench.hub.requests.filter(({ path }) => path.includes('owner/nobody'))).toHaveLength(1)
  })

  test('a host that is not there is said at once', async () => {
    const gone = await startHub()
    await gone.close()
    await expectFailure(
      bench.file('x', { url: `${gone.endpoint}/file` }),
      'no-network',
      /^127\.0\.0\.1:\d+ cannot be reached: 127\.0\.0\.1:\d+ refuses the connection; check the address$/,
    )
  })
})

describe('secrets', () => {
  test('an access token goes to the hub and to nobody it redirects to', async () => {
    bench.hub.commit('owner/tokens', { files: { 'model.onnx': { generated: size } }, gated: 'auto', grants: ['hf_ok'] })
    bench.hub.rename('owner/tokens', 'owner/renamed')
    const wanted = bench.file(
      { generated: size },
      {
        url: `${bench.hub.endpoint}/owner/tokens/resolve/main/model.onnx`,
        headers: { authorization: 'Bearer hf_ok' },
      },
    )
    bench.hub.fault('/cdn/owner/renamed', { kind: 'cut', after: 1e6 }, 2)
    await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    const seen = bench.hub.requests.filter(({ path }) => /owner\/(tokens|renamed)/.test(path))
    expect(seen.filter(({ server }) => server === 'cdn')).toHaveLength(3)
    for (const { server, headers } of seen)
      expect(headers.authorization).toBe(server === 'hub' ? 'Bearer hf_ok' : undefined)
  })

  test('a server that always sends another part than was asked for is given up, whether something is here or not', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'another range', by: 5 })
    await expectFailure(wanted, 'bad-download', /is not what was promised: it does not begin at its beginning/)
    expect(asked(wanted)).toHaveLength(2)
    const begun = bench.file({ generated: size })
    writeFileSync(begun.partial, Buffer.alloc(1000))
    spoil(begun, { kind: 'another range', by: 5 })
    await expectFailure(begun, 'bad-download', /does not begin at its beginning/)
  })

  test('a server that can neither go on nor come to the end is given up', async () => {
    const wanted = bench.file({ generated: size })
    for (let round = 0; round < 20; round++) {
      spoil(wanted, { kind: 'cut', after: 1e6 }, 1)
      spoil(wanted, { kind: 'another range', by: 5 }, 1)
    }
    await expectFailure(wanted, 'no-network', /was cut off|ended early/)
    expect(asked(wanted).length).toBeLessThan(15)
  })

  test('a file that is here serves where nothing can be written, and only if it is the right one', async () => {
    const wanted = bench.file({ generated: size })
    await bench.download(wanted)
    mkdirSync(`${wanted.partial}.lock`) // as good as a disk that may only be read, for a superuser too
    await bench.download(wanted)
    appendFileSync(wanted.path, 'more')
    expect((await failure(bench.download(wanted))).code).toBe('cannot-write')
  })

  test('neither token nor signed address is in any message, whatever goes wrong', async () => {
    bench.hub.commit('owner/quiet', { files: { 'model.onnx': { generated: size } }, gated: 'auto', grants: ['hf_ok'] })
    const where = '/cdn/owner/quiet'
    for (const plan of [
      () => bench.hub.fault(where, { kind: 'status', status: 403 }),
      () => bench.hub.fault(where, { kind: 'status', status: 503 }),
      () => bench.hub.fault(where, { kind: 'cut', after: 0 }),
      () => bench.hub.fault(where, { kind: 'wrong bytes' }),
    ]) {
      bench.hub.heal()
      plan()
      const wanted = bench.file(
        { generated: size },
        {
          url: `${bench.hub.endpoint}/owner/quiet/resolve/main/model.onnx?token=hf_ok`,
          headers: { authorization: 'Bearer hf_ok' },
        },
      )
      const messages: string[] = []
      const error = await failure(
        bench.download(wanted).catch((thrown: EngineError) => {
          messages.push(thrown.message, String(thrown.stack), JSON.stringify(thrown.detail), String(thrown.cause))
          throw thrown
        }),
      )
      expect([error.message, ...messages].join('\n')).not.toMatch(new RegExp(`hf_ok|${signature}`))
    }
  })
})

describe('a pause', () => {
  test('ends at once, keeps what is here, and a later call goes on from there', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'hangs', after: 3e6 }, 1)
    const pause = new AbortController()
    const paused = failure(bench.download(wanted, pause.signal))
    await expect.poll(() => (existsSync(wanted.partial) ? statSync(wanted.partial).size : 0)).toBeGreaterThan(2e6)
    pause.abort()
    expect((await paused).code).toBe('cancelled')
    expect(existsSync(wanted.path)).toBe(false)
    expect(existsSync(`${wanted.partial}.lock`)).toBe(false)
    const here = statSync(wanted.partial).size
    await bench.download(wanted)
    expect(isDone(wanted)).toBe(true)
    expect(asked(wanted)[1]?.headers.range).toBe(`bytes=${here}-`)
  })

  test('ends a wait between two tries, and a call that has not begun', async () => {
    const wanted = bench.file({ generated: size })
    spoil(wanted, { kind: 'status', status: 429, headers: { 'retry-after': '200' } })
    const pause = new AbortController()
    const paused = failure(bench.download(wanted, pause.signal))
    await expect.poll(() => asked(wanted).length).toBe(1)
    pause.abort()
    expect((await paused).code).toBe('cancelled')
    expect((await failure(bench.download(wanted, AbortSignal.abort()))).code).toBe('cancelled')
    expect(asked(wanted)).toHaveLength(1)
  })
})

describe('a disk', () => {
  test('that takes nothing is said: a file in the way, or a folder', async () => {
    writeFileSync(join(bench.folder, 'occupied'), '')
    const below = bench.file('x', { path: join(bench.folder, 'occupied/file'), partial: join(bench.folder, 'p') })
    expect(await failure(bench.download(below))).toMatchObject({ code: 'cannot-write' })
    mkdirSync(join(bench.folder, 'folder/inner'), { recursive: true })
    const onto = bench.file('x', { path: join(bench.folder, 'folder') })
    expect(await failure(bench.download(onto))).toMatchObject({ code: 'cannot-write' })
  })

  testNeeding('ordinary user')('where writing is not permitted is said', async () => {
    const folder = join(bench.folder, 'closed')
    mkdirSync(folder)
    chmodSync(folder, 0o555)
    const wanted = bench.file('x', { path: join(folder, 'x'), partial: join(folder, 'x.partial') })
    expect(await failure(bench.download(wanted))).toMatchObject({ code: 'cannot-write' })
  })

  testNeeding('full disk')('that is full is said, and what has come is kept', async () => {
    const wanted = bench.file({ generated: size })
    symlinkSync('/dev/full', wanted.partial)
    const error = await failure(bench.download(wanted))
    expect(error).toMatchObject({ code: 'no-space', message: expect.stringContaining('is full; make room') as string })
    expect(existsSync(wanted.path)).toBe(false)
  })
})
