import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EngineError, isCancelled } from '../../../../src/contract/errors.ts'
import type { PullProgress } from '../../../../src/contract/hub.ts'
import { createHub } from '../../../../src/engine/models/hub/hub.ts'
import { openModel } from '../../../../src/engine/models/open.ts'
import { recordedFiles } from '../../../../src/engine/models/hub/record.ts'
import { lockFile } from '../../../../src/engine/net/file-lock.ts'
import { openStore } from '../../../../src/engine/store/database.ts'
import { signature, startHub, type Hub } from '../../../support/hub-server.ts'
import { filesOf, machine, repository, type Machine } from './stage.ts'

const token = 'hf_granted'
let server: Hub
beforeAll(async () => {
  server = await startHub({ tokens: [token], pageEntries: 4 })
  server.commit('onnx-community/whisper-tiny', repository('whisper'))
  server.commit('some/ast', repository('ast'))
  server.commit('some/gated', repository('ast', { gated: 'auto', grants: [token] }))
  server.commit('openai/whisper-tiny', {
    files: { 'config.json': '{"model_type":"whisper"}', 'model.safetensors': 'x' },
  })
})
afterAll(() => server.close())
afterEach(() => server.heal())

const failure = async (work: Promise<unknown>): Promise<EngineError> => {
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}

const folderOf = ({ cache }: Machine, repo: string): string => join(cache, `models--${repo.replace('/', '--')}`)
const bytesAsked = (from: number): string[] =>
  server.requests
    .slice(from)
    .filter(({ server: which, path }) => which === 'cdn' || path.includes('resolve'))
    .map(({ path }) => path)
const cardOf = ({ hub }: Machine, repo: string) => hub.cards().find((card) => card.repo === repo)

test('a model of the catalogue is downloaded into the layout that Python reads, and opens', async () => {
  await using here = machine(server.endpoint)
  const seen: PullProgress[] = []
  const { folder, commit, variant, notes } = await here.pull('whisper-tiny', { part: (part) => seen.push(part) })
  const repo = folderOf(here, 'onnx-community/whisper-tiny')
  expect([folder, variant, notes]).toEqual([join(repo, 'snapshots', commit), 'fp32', []])
  expect(readFileSync(join(repo, 'refs', 'main'), 'utf8')).toBe(commit)
  const link = join(folder, 'onnx', 'encoder_model.onnx')
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(readlinkSync(link)).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/)
  expect(readlinkSync(join(folder, 'config.json'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/)
  expect(readdirSync(join(repo, 'blobs')).every((name) => /^[0-9a-f]{40,64}$/.test(name))).toBe(true)
  expect(openModel(folder).card).toMatchObject({ family: 'whisper', type: 'encoder-decoder' })
  const sizes = seen.map(({ bytes }) => bytes)
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
  expect(seen.at(-1)!.bytes).toBe(seen.at(-1)!.total)
  expect(cardOf(here, 'onnx-community/whisper-tiny')).toMatchObject({ state: 'here', ours: true, revision: commit })
})

test('what is here is verified once, remembered, and not downloaded again', async () => {
  await using here = machine(server.endpoint)
  const { folder } = await here.pull('some/ast')
  const from = server.requests.length
  const stages = new Set<string>()
  await here.pull('some/ast', { part: ({ stage, file }) => stages.add(`${stage} ${file}`) })
  expect(bytesAsked(from)).toEqual([])
  expect([...stages].some((stage) => stage.startsWith('download'))).toBe(false)
  const blob = join(folder, 'onnx', readlinkSync(join(folder, 'onnx', 'model.onnx')))
  expect(here.store.fileHash(blob)).toBe(blob.slice(-64))
})

test('a blob that another program left damaged is downloaded anew', async () => {
  await using here = machine(server.endpoint)
  const { folder } = await here.pull('some/ast')
  const path = join(folder, 'onnx', readlinkSync(join(folder, 'onnx', 'model.onnx')))
  const whole = readFileSync(path)
  writeFileSync(path, Buffer.alloc(whole.length))
  await here.pull('some/ast')
  expect(readFileSync(path).equals(whole)).toBe(true)
})

test('where Python may make no links it keeps the files in the snapshot, and they are used', async () => {
  await using here = machine(server.endpoint)
  const { folder } = await here.pull('some/ast')
  for (const name of ['config.json', 'onnx/model.onnx']) {
    const blob = join(dirname(join(folder, name)), readlinkSync(join(folder, name)))
    renameSync(blob, join(folder, name))
  }
  const from = server.requests.length
  await here.pull('some/ast')
  expect(bytesAsked(from)).toEqual([])
  expect(lstatSync(join(folder, 'onnx', 'model.onnx')).isFile()).toBe(true)
})

describe('pausing', () => {
  test('ends at once, shows what is here, and the next pull goes on from there', async () => {
    await using here = machine(server.endpoint)
    server.fault('/cdn/some/ast', { kind: 'slow', bytesPerSecond: 400_000 }, 1)
    const controller = new AbortController()
    const part = ({ file }: PullProgress): void => {
      if (file === 'onnx/model.onnx') setTimeout(() => controller.abort(), 300)
    }
    const ended = await here.pull('some/ast', { signal: controller.signal, part }).catch((error: unknown) => error)
    expect(isCancelled(ended)).toBe(true)
    const card = cardOf(here, 'some/ast')
    expect(card).toMatchObject({ state: 'partial', revision: null, ours: false })
    expect(card!.partialBytes).toBeGreaterThan(10_000)
    expect(existsSync(join(folderOf(here, 'some/ast'), 'snapshots'))).toBe(false)
    const [variant] = (await here.hub.look({ model: 'some/ast' }, new AbortController().signal)).variants
    expect(variant!.present).toBe(card!.partialBytes)
    server.heal()
    const from = server.requests.length
    await here.pull('some/ast')
    const range = server.requests.slice(from).find(({ server: which }) => which === 'cdn')!.headers.range
    expect(range).toMatch(/^bytes=[1-9]\d*-/)
    expect(cardOf(here, 'some/ast')).toMatchObject({ state: 'here', partialBytes: 0, ours: true })
  })

  test('what it left can be deleted', async () => {
    await using here = machine(server.endpoint)
    server.fault('/cdn/some/ast', { kind: 'status', status: 404 })
    const { code, message } = await failure(here.pull('some/ast'))
    expect([code, message]).toEqual(['not-found', expect.stringContaining('has no onnx/model.onnx')])
    expect(cardOf(here, 'some/ast')!.state).toBe('partial')
    here.hub.discard('some/ast')
    expect(cardOf(here, 'some/ast')).toBeUndefined()
    expect(existsSync(folderOf(here, 'some/ast'))).toBe(false)
  })

  test('not while it is being downloaded', async () => {
    await using here = machine(server.endpoint)
    server.fault('/cdn/some/ast', { kind: 'hangs', after: 1000 }, 1)
    const controller = new AbortController()
    const pulling = here.pull('some/ast', { signal: controller.signal }).catch(() => undefined)
    expect(() => here.hub.discard('some/ast')).toThrow('some/ast is being downloaded; pause that first')
    expect(() => here.hub.remove('some/ast')).toThrow('pause that first')
    controller.abort()
    await pulling
    here.hub.discard('some/ast')
  })

  test('nor while another process downloads it, unless that has died', async () => {
    await using here = machine(server.endpoint)
    server.fault('/cdn/some/ast', { kind: 'cut', after: 0 })
    await failure(here.pull('some/ast'))
    const blobs = join(folderOf(here, 'some/ast'), 'blobs')
    const partial = readdirSync(blobs).find((name) => name.endsWith('.otoscope'))!
    {
      using lock = await lockFile(join(blobs, `${partial}.lock`))
      expect(lock.held()).toBe(true)
      for (const act of [here.hub.discard, here.hub.remove])
        expect(() => act('some/ast')).toThrow(/process \d+ is downloading some\/ast; end that first|is not here/)
      expect(existsSync(join(blobs, partial))).toBe(true)
    }
    writeFileSync(join(blobs, `${partial}.lock`), JSON.stringify({ pid: 2 ** 30, host: hostname(), id: 'gone' }))
    here.hub.discard('some/ast')
    expect(existsSync(blobs)).toBe(false)
  })
})

test('two pulls at once end with one model and one download of each file', async () => {
  await using here = machine(server.endpoint)
  const from = server.requests.length
  const [one, other] = await Promise.all([here.pull('some/ast'), here.pull('some/ast')])
  expect(one.folder).toBe(other.folder)
  expect(bytesAsked(from).filter((path) => path.startsWith('/cdn/'))).toHaveLength(1)
  expect(openModel(one.folder).card.family).toBe('ast')
})

describe('revisions', () => {
  test('a changed revision is shown and not taken, then taken when asked for; the old one stays usable by its commit', async () => {
    await using here = machine(server.endpoint)
    const first = server.commit('some/changing', repository('ast'))
    await here.pull('some/changing')
    const signal = new AbortController().signal
    expect(await here.hub.updates(signal)).toEqual([
      { id: 'some/changing', repo: 'some/changing', here: first, upstream: first, changed: false, problem: '' },
    ])
    const second = server.commit(
      'some/changing',
      repository('ast', { files: { ...filesOf('ast'), 'vocab.json': '{}' } }),
    )
    expect(await here.hub.updates(signal)).toMatchObject([{ here: first, upstream: second, changed: true }])
    expect(cardOf(here, 'some/changing')!.revision).toBe(first)
    const from = server.requests.length
    await here.pull('some/changing')
    expect(bytesAsked(from).every((path) => path.includes('vocab.json'))).toBe(true)
    expect(cardOf(here, 'some/changing')!.revision).toBe(second)
    expect(openModel(join(folderOf(here, 'some/changing'), 'snapshots', first)).card.family).toBe('ast')
  })

  test('an older commit is opened where main is not here', async () => {
    await using here = machine(server.endpoint)
    const first = server.commit('some/aged', repository('ast'))
    server.commit('some/aged', repository('ast', { files: { ...filesOf('ast'), 'vocab.json': '{}' } }))
    const { commit } = await here.pull('some/aged', { revision: first })
    expect(commit).toBe(first)
    expect(existsSync(join(folderOf(here, 'some/aged'), 'refs'))).toBe(false)
    expect(cardOf(here, 'some/aged')!.revision).toBe(first)
    await here.pull('some/aged')
    expect(cardOf(here, 'some/aged')!.revision).not.toBe(first)
  })

  test('a branch and a tag are kept under their names', async () => {
    await using here = machine(server.endpoint)
    const commit = server.commit('some/branched', repository('ast', { branch: 'v1.0' }))
    await here.pull('some/branched', { revision: 'v1.0' })
    expect(readFileSync(join(folderOf(here, 'some/branched'), 'refs', 'v1.0'), 'utf8')).toBe(commit)
    expect((await failure(here.pull('some/branched', { revision: '../../x' }))).code).toMatch(/not-found|bad-input/)
  })

  test('a repository that does not answer any more is named among the updates', async () => {
    await using here = machine(server.endpoint)
    server.commit('some/gone', repository('ast'))
    await here.pull('some/gone')
    server.fault('/api/models/some/gone', { kind: 'status', status: 404 })
    const [card] = await here.hub.updates(new AbortController().signal)
    expect(card).toMatchObject({ id: 'some/gone', upstream: '', changed: false })
    expect(card!.problem).toContain('there is no model some/gone')
    server.heal()
    server.fault('/api/models/some/gone', { kind: 'status', status: 418 })
    expect((await here.hub.updates(new AbortController().signal))[0]!.problem).toContain('answers 418')
  })
})

test('what the hub’s content network refuses is not blamed on the token', async () => {
  await using here = machine(server.endpoint, { HF_TOKEN: token })
  server.commit('some/walled', repository('ast'))
  server.fault('/cdn/some/walled', { kind: 'status', status: 403 })
  const error = await failure(here.pull('some/walled'))
  expect(error.code).toBe('not-allowed')
  expect(error.message).toBe(
    `${new URL(server.cdn).host}, to which ${new URL(server.endpoint).host} leads for files of some/walled, refuses them (403); try again later, or look whether a firewall or proxy is in the way`,
  )
})

describe('variants', () => {
  const quantised = () => {
    const files = filesOf('whisper')
    for (const name of ['encoder_model', 'decoder_model'])
      files[`onnx/${name}_quantized.onnx`] = files[`onnx/${name}.onnx`]!
    return files
  }
  test('another variant is downloaded beside the first', async () => {
    await using here = machine(server.endpoint)
    server.commit('some/quantised', repository('whisper', { files: quantised() }))
    const { folder, variant, notes } = await here.pull('some/quantised', { variant: 'q8' })
    expect(variant).toBe('q8')
    expect(notes).toEqual([expect.stringContaining('no decoder_with_past_model.onnx')])
    expect(readdirSync(join(folder, 'onnx')).sort()).toEqual([
      'decoder_model_quantized.onnx',
      'encoder_model_quantized.onnx',
    ])
    await here.pull('some/quantised', { variant: 'fp32' })
    expect(readdirSync(join(folder, 'onnx'))).toHaveLength(5)
  })
  test('it comes from the commit that is here, and an update brings all that are', async () => {
    await using here = machine(server.endpoint)
    const first = server.commit('some/both', repository('whisper', { files: quantised() }))
    await here.pull('some/both')
    const second = server.commit('some/both', repository('whisper', { files: { ...quantised(), 'merges.txt': 'a' } }))
    expect((await here.pull('some/both', { variant: 'q8' })).commit).toBe(first)
    const updated = await here.pull('some/both')
    expect([updated.commit, updated.variant]).toEqual([second, 'fp32'])
    expect(readdirSync(join(updated.folder, 'onnx'))).toHaveLength(5)
  })
  test('one it does not have is refused with those it has', async () => {
    await using here = machine(server.endpoint)
    const { code, message } = await failure(here.pull('some/ast', { variant: 'q4' }))
    expect([code, message]).toEqual(['bad-input', 'some/ast has no variant q4; it has fp32'])
  })
})

describe('what cannot be pulled says so before anything is written', () => {
  test('no ONNX, no such catalogue name, no network, no room', async () => {
    await using here = machine(server.endpoint)
    const bare = await failure(here.pull('openai/whisper-tiny'))
    expect(bare.code).toBe('bad-model')
    expect(bare.message).toContain('onnx-community/whisper-tiny has the same model')
    expect(bare.detail).toMatchObject({ alternative: 'onnx-community/whisper-tiny' })
    expect((await failure(here.pull('whisper-huge'))).message).toContain('there is no whisper-huge in the catalogue')
    await using offline = machine(server.endpoint, { HF_HUB_OFFLINE: '1' })
    expect((await failure(offline.pull('whisper-tiny'))).code).toBe('no-network')
    expect(offline.hub.account().offline).toBe(true)
    for (const { cache } of [here, offline]) expect(existsSync(cache)).toBe(false)
  })

  test('a list that promises more than the disk holds', async () => {
    const huge = { type: 'file', size: 1e15, oid: 'a'.repeat(40), lfs: { oid: 'b'.repeat(64), size: 1e15 } }
    const http = createServer((request, response) => {
      const tree = request.url!.includes('/tree/')
      const info = { id: 'a/b', sha: 'c'.repeat(40), config: { model_type: 'wav2vec2' } }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(tree ? [{ ...huge, path: 'onnx/model.onnx' }] : info))
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    await using here = machine(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
    const { code, message } = await failure(here.pull('a/b'))
    expect([code, message]).toEqual([
      'no-space',
      expect.stringMatching(/^1000000\.0 GB are needed .*; HF_HOME or HF_HUB_CACHE names the folder$/),
    ])
    expect(existsSync(here.cache)).toBe(false)
    http.close()
  })

  test('a gated model names the page where its licence is accepted, and is given with the token', async () => {
    await using here = machine(server.endpoint)
    const { code, message } = await failure(here.pull('some/gated'))
    expect(code).toBe('not-allowed')
    expect(message).toContain(`accept it on ${server.endpoint}/some/gated, then give an access token`)
    here.hub.setToken('hf_granted')
    expect(here.hub.account().token).toBe('session')
    expect((await here.pull('some/gated')).repo).toBe('some/gated')
    const sent = JSON.stringify([here.hub.cards(), here.hub.account(), recordedFiles(folderOf(here, 'some/gated'))])
    expect(sent).not.toContain(token)
  })

  test('an account that has not accepted it is told to', async () => {
    await using here = machine(server.endpoint, { HF_TOKEN: token })
    server.commit('some/closed', repository('ast', { gated: 'manual', grants: [] }))
    const { code, message } = await failure(here.pull('some/closed'))
    expect([code, message]).toEqual([
      'not-allowed',
      `some/closed is given only to those who accept its licence: accept it on ${server.endpoint}/some/closed with the account of the access token`,
    ])
  })
})

test('wrong bytes are never in place, and the sentence names the file, not its signed address', async () => {
  await using here = machine(server.endpoint)
  server.fault('/cdn/some/ast', { kind: 'wrong bytes' })
  const { code, message } = await failure(here.pull('some/ast'))
  expect(code).toBe('bad-download')
  expect(message).toMatch(/^onnx\/model\.onnx from /)
  expect(message).not.toContain(signature)
  expect(existsSync(join(folderOf(here, 'some/ast'), 'snapshots'))).toBe(false)
})

test('a renamed repository is kept under the name it is asked for by, as Python does', async () => {
  await using here = machine(server.endpoint)
  server.commit('some/before', repository('ast'))
  server.rename('some/before', 'some/after')
  const { folder } = await here.pull('some/before')
  expect(folder.startsWith(folderOf(here, 'some/before'))).toBe(true)
})

describe('removing', () => {
  test('deletes what Otoscope downloaded, and leaves what another program put beside it', async () => {
    await using here = machine(server.endpoint)
    const { folder } = await here.pull('some/ast')
    const repo = folderOf(here, 'some/ast')
    mkdirSync(join(repo, 'snapshots', 'd'.repeat(40)))
    writeFileSync(join(repo, 'snapshots', 'd'.repeat(40), 'theirs.txt'), 'kept')
    here.hub.remove('some/ast')
    expect(existsSync(folder)).toBe(false)
    expect(readdirSync(repo)).toEqual(['snapshots'])
    expect(statSync(join(repo, 'snapshots', 'd'.repeat(40), 'theirs.txt')).size).toBe(4)
    expect(() => here.hub.remove('some/ast')).toThrow('some/ast is not here')
  })

  test('knows what another of Otoscope’s stores has no word of', async () => {
    await using here = machine(server.endpoint)
    const { folder } = await here.pull('some/ast')
    const store = openStore(join(here.home, 'another store'))
    const elsewhere = createHub({ net: here.net, store, env: here.env })
    store.close()
    expect(elsewhere.cards().find(({ repo }) => repo === 'some/ast')).toMatchObject({ state: 'here', ours: true })
    elsewhere.remove('some/ast')
    expect(existsSync(folder)).toBe(false)
  })

  test('a model another program downloaded is refused with how to delete it', async () => {
    await using here = machine(server.endpoint)
    await here.pull('some/ast')
    rmSync(join(folderOf(here, 'some/ast'), 'otoscope.jsonl'))
    expect(() => here.hub.remove('some/ast')).toThrow(
      'some/ast was downloaded by another program, which may need it; delete it with: hf cache rm model/some/ast',
    )
    expect(cardOf(here, 'some/ast')).toMatchObject({ state: 'here', ours: false, licence: 'apache-2.0' })
  })
})

test('the account says where things are and never the token', async () => {
  await using here = machine(server.endpoint, { HF_TOKEN: token, HTTPS_PROXY: 'http://me:word@proxy.example:8080' })
  expect(here.hub.account()).toEqual({
    token: 'environment',
    endpoint: server.endpoint,
    offline: false,
    proxy: 'proxy.example:8080',
    folder: here.cache,
  })
  await using odd = machine('ftp://somewhere')
  expect(() => odd.hub.account()).toThrow('HF_ENDPOINT is no address of a hub')
})

test('what is listed, and the account, ask nobody', async () => {
  await using here = machine(server.endpoint)
  const from = server.requests.length
  here.hub.cards()
  here.hub.account()
  expect(server.requests.length).toBe(from)
})
