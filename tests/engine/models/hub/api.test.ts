import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EngineError } from '../../../../src/contract/errors.ts'
import { createApi, type HubApi } from '../../../../src/engine/models/hub/api.ts'
import { createAsk } from '../../../../src/engine/models/hub/ask.ts'
import { createTokens } from '../../../../src/engine/models/hub/token.ts'
import { createNet } from '../../../../src/engine/net/net.ts'
import { startHub, type Hub } from '../../../support/hub-server.ts'
import { repository } from './stage.ts'

const token = 'hf_token_that_is_known'
let server: Hub
beforeAll(async () => {
  server = await startHub({ tokens: [token, 'hf_other'], pageEntries: 3 })
  server.commit('some/whisper', repository('whisper', { licence: 'mit' }))
  server.commit('some/gated', repository('ast', { gated: 'manual', grants: [token] }))
  server.commit('some/private', repository('ast', { private: true, grants: [token] }))
  server.commit('some/old-name', repository('ast'))
  server.rename('some/old-name', 'some/new-name')
})
afterAll(() => server.close())
afterEach(() => server.heal())

const api = (env: NodeJS.ProcessEnv = {}, endpoint = server.endpoint): HubApi => {
  const net = createNet({ env, firstWait: 2 })
  return createApi(endpoint, createAsk(net, endpoint, createTokens('/nowhere/token', env)))
}

const failure = async (work: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}

test('reads what a repository is, over as many pages as its list has', async () => {
  const found = await api().look('some/whisper', 'main')
  expect(found).toMatchObject({ repo: 'some/whisper', gated: false, licence: 'mit', modelType: 'whisper' })
  expect(found.pipeline).toBe('automatic-speech-recognition')
  expect(found.commit).toMatch(/^[0-9a-f]{40}$/)
  const paths = found.files.map(({ path }) => path)
  expect(paths).toContain('onnx/decoder_with_past_model.onnx')
  expect(paths.length).toBeGreaterThan(9)
  const hashes = Object.fromEntries(found.files.map(({ path, hash }) => [path, hash.algorithm]))
  expect(hashes).toMatchObject({ 'config.json': 'git-sha1', 'onnx/encoder_model.onnx': 'sha256' })
})

test('a renamed repository is followed, and kept under the name it was asked for by', async () => {
  const found = await api().look('some/old-name', 'main')
  expect([found.repo, found.name]).toEqual(['some/old-name', 'some/new-name'])
  expect(api().fileUrl(found, 'onnx/a b.onnx')).toContain(`/some/new-name/resolve/${found.commit}/onnx/a%20b.onnx`)
})

describe('says what is wrong, and what to do', () => {
  test('a name nobody has, or that is private', async () => {
    const missing = await failure(api().look('some/typo', 'main'))
    expect(missing.code).toBe('not-found')
    expect(missing.message).toMatch(/^there is no model some\/typo on 127\.0\.0\.1:\d+, or it is private; .*HF_TOKEN/)
    const hidden = await failure(api({ HF_TOKEN: 'hf_other' }).look('some/private', 'main'))
    expect(hidden.message).toContain('or the access token does not reach it')
    expect((await api({ HF_TOKEN: token }).look('some/private', 'main')).repo).toBe('some/private')
  })
  test('a revision it does not have', async () => {
    const { code, message } = await failure(api().look('some/whisper', 'v9'))
    expect([code, message]).toEqual([
      'not-found',
      'some/whisper has no such revision; name a branch, tag or commit that it has',
    ])
  })
  test('a token that is nobody’s, without repeating it', async () => {
    const { code, message, detail } = await failure(api({ HF_TOKEN: 'hf_nobody' }).look('some/whisper', 'main'))
    expect(code).toBe('not-allowed')
    expect(message).toContain('does not accept the access token')
    expect(message + JSON.stringify(detail)).not.toContain('hf_nobody')
  })
  test('429 and 5xx are asked again, and then said', async () => {
    server.fault('/api/models/', { kind: 'status', status: 503 }, 2)
    expect((await api().look('some/whisper', 'main')).repo).toBe('some/whisper')
    for (const [status, words] of [
      [429, 'allows no more requests'],
      [500, 'cannot answer now'],
    ] as const) {
      server.fault('/api/models/', { kind: 'status', status })
      const { code, message } = await failure(api().look('some/whisper', 'main'))
      server.heal()
      expect([code, message]).toEqual(['no-network', expect.stringContaining(words)])
    }
  })
  test('a hub that is not there, and a machine that stays offline', async () => {
    const nobody = await failure(api({}, 'http://127.0.0.1:9').look('some/whisper', 'main'))
    expect(nobody.code).toBe('no-network')
    const before = server.requests.length
    const { code, message } = await failure(api({ HF_HUB_OFFLINE: '1' }).look('some/whisper', 'main'))
    expect([code, message]).toEqual(['no-network', expect.stringContaining('HF_HUB_OFFLINE')])
    expect(server.requests.length).toBe(before)
  })
})

test('an interrupted question ends at once', async () => {
  server.fault('/api/models/', { kind: 'silent' }, 1)
  const controller = new AbortController()
  const asked = api().look('some/whisper', 'main', { signal: controller.signal })
  setTimeout(() => controller.abort(), 50)
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
})

test('the token goes to the hub alone', async () => {
  const from = server.requests.length
  await api({ HF_TOKEN: token }).look('some/gated', 'main')
  const seen = server.requests.slice(from)
  expect(seen.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true)
  expect(seen.every(({ path }) => !path.includes(token))).toBe(true)
})

/** A hub that answers whatever a test wants. */
const lying = async (
  answer: (path: string) => { body: unknown; link?: string },
): Promise<{ endpoint: string; paths: string[]; server: Server }> => {
  const paths: string[] = []
  const http = createServer((request, response) => {
    paths.push(request.url!)
    const { body, link } = answer(request.url!)
    response.writeHead(200, { 'content-type': 'application/json', ...(link && { link }) })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return { endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, paths, server: http }
}

const info = { _id: '1', id: 'a/b', sha: 'c'.repeat(40), config: { model_type: 'whisper' } }
const entry = (path: string, more: object = {}) => ({ type: 'file', path, size: 3, oid: 'a'.repeat(40), ...more })

describe('what a server says is not believed', () => {
  test('names that would leave the folder, and hashes that are none, are no files', async () => {
    const bad = ['../../.bashrc', '/etc/passwd', 'onnx\\..\\x', 'a/../../b', 'C:/x', 'nul\0byte']
    const hub = await lying((path) =>
      path.includes('/tree/')
        ? {
            body: [
              ...bad.map((name) => entry(name)),
              entry('hash', { oid: '../../../x' }),
              entry('lfs', { lfs: { oid: '../x', size: 3 } }),
              entry('size', { size: -1 }),
              { type: 'directory', path: 'onnx' },
              'nonsense',
              entry('config.json'),
            ],
          }
        : { body: info },
    )
    const found = await api({}, hub.endpoint).look('a/b', 'main')
    expect(found.files.map(({ path }) => path)).toEqual(['config.json'])
    hub.server.close()
  })
  test('a commit that is no commit, and an answer that is no hub’s, are refused', async () => {
    for (const body of [{ ...info, sha: '../../x' }, '<html>sign in to the wifi</html>', '[]', 'null']) {
      const hub = await lying(() => ({ body }))
      const { code, message } = await failure(api({}, hub.endpoint).look('a/b', 'main'))
      expect([code, message]).toEqual(['bad-download', expect.stringContaining('check HF_ENDPOINT')])
      hub.server.close()
    }
  })
  test('the next page is asked of the mirror, whatever address it gives', async () => {
    const hub = await lying((path) => {
      if (!path.includes('/tree/')) return { body: info }
      if (path.includes('cursor')) return { body: [entry('second')] }
      return { body: [entry('first')], link: '<https://huggingface.co/api/models/a/b/tree/x?cursor=2>; rel="next"' }
    })
    const found = await api({ HF_TOKEN: token }, hub.endpoint).look('a/b', 'main')
    expect(found.files.map(({ path }) => path)).toEqual(['first', 'second'])
    hub.server.close()
  })
  test('a list without end is left', async () => {
    const hub = await lying((path) =>
      path.includes('/tree/')
        ? {
            body: Array.from({ length: 20_000 }, (_, index) => entry(`f${index}`)),
            link: `<http://here${path}>; rel="next"`,
          }
        : { body: info },
    )
    expect((await failure(api({}, hub.endpoint).look('a/b', 'main'))).message).toContain('lists more than 50000 files')
    hub.server.close()
  })
  test('a mirror that does not repeat the model type is asked for config.json', async () => {
    const hub = await lying((path) => {
      if (path.includes('/tree/')) return { body: [entry('config.json')] }
      return { body: path.includes('/resolve/') ? { model_type: 'wav2vec2' } : { ...info, config: undefined } }
    })
    expect((await api({}, hub.endpoint).look('a/b', 'main')).modelType).toBe('wav2vec2')
    hub.server.close()
  })
})
