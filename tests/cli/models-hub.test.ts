import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { HubCard } from '../../src/contract/hub.ts'
import type { ModelCard } from '../../src/contract/model.ts'
import { resource } from '../../src/engine/paths.ts'
import { repository } from '../engine/models/hub/stage.ts'
import { startCli, type Ended } from '../support/cli.ts'
import { startHub, type Hub } from '../support/hub-server.ts'

let server: Hub
let home: string
beforeAll(async () => {
  server = await startHub({ tokens: ['hf_granted'] })
  server.commit('onnx-community/whisper-tiny', repository('whisper'))
  server.commit('some/ast', repository('ast'))
  server.commit('some/gated', repository('ast', { gated: 'auto', grants: ['hf_granted'] }))
  home = realpathSync(mkdtempSync(join(tmpdir(), 'otoscope-cli-hub-')))
})
afterAll(async () => {
  await server.close()
  rmSync(home, { recursive: true, force: true })
})
afterEach(() => server.heal())

const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  HF_ENDPOINT: server.endpoint,
  HF_HOME: join(home, 'huggingface'),
  ...more,
})
const start = (words: string[], more?: NodeJS.ProcessEnv) =>
  startCli([...words, '--cache', join(home, 'store')], { env: env(more) })
const run = (...words: string[]): Promise<Ended> => start(words).ended

test('a model is pulled, listed, inspected, exported from, checked for updates and removed', async () => {
  const pulled = await run('models', 'pull', 'whisper-tiny')
  expect(pulled.stderr).toMatch(/whisper-tiny: looking/)
  expect(pulled.stderr).toMatch(/whisper-tiny is here, [\d.]+ MB of fp32 graphs: --model whisper-tiny opens it/)
  expect([pulled.code, pulled.stdout]).toEqual([0, ''])

  const listed = await run('models', 'list', '--json')
  const cards = JSON.parse(listed.stdout) as ModelCard[]
  expect(cards.at(-1)).toMatchObject({ id: 'whisper-tiny', origin: 'hub', licence: 'apache-2.0' })

  const inspected = await run('inspect', 'onnx-community/whisper-tiny', '--json')
  expect(JSON.parse(inspected.stdout)).toMatchObject({ id: 'whisper-tiny', family: 'whisper' })

  const out = join(home, 'arrays')
  const sound = resource('recordings', 'voice.wav')
  const exported = await run('export', sound, '--model', 'whisper-tiny', '--out', out, '--taps', 'logits', '--json')
  expect(exported.code, exported.stderr).toBe(0)
  expect(JSON.parse(exported.stdout)).toMatchObject({ model: { id: 'whisper-tiny' } })

  const updates = await run('models', 'updates', '--json')
  expect(JSON.parse(updates.stdout)).toMatchObject([{ id: 'whisper-tiny', changed: false }])

  const removed = await run('models', 'remove', 'whisper-tiny')
  expect([removed.code, removed.stderr]).toEqual([0, 'otoscope: whisper-tiny is deleted\n'])
  const gone = await run('inspect', 'whisper-tiny')
  expect([gone.code, gone.stderr]).toEqual([
    1,
    'otoscope: whisper-tiny is not here yet: otoscope models pull whisper-tiny\n',
  ])
}, 60_000)

test('--json prints the card of what was pulled', async () => {
  const { code, stdout } = await run('models', 'pull', 'some/ast', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ id: 'some/ast', family: 'ast', origin: 'hub', variant: 'fp32' })
})

test('the catalogue is shown with what is here, and asks nobody', async () => {
  const from = server.requests.length
  const { stdout } = await run('models', 'list', '--all', '--json')
  const { installed, catalogue } = JSON.parse(stdout) as { installed: ModelCard[]; catalogue: HubCard[] }
  expect(installed.length).toBeGreaterThanOrEqual(3)
  expect(catalogue[0]).toMatchObject({ id: 'wav2vec2-base-960h', state: 'absent', opens: true })
  const shown = (await run('models', 'list', '--all')).stdout
  expect(shown).toMatch(/^whisper-small +Xenova\/whisper-small +speech to text +multilingual +not known +1\.84 GB/m)
  expect(server.requests.length).toBe(from)
})

test('Ctrl-C ends it with 130 and one sentence, and the same command goes on from there', async () => {
  server.commit('some/slow', repository('ast'))
  server.fault('/cdn/some/slow', { kind: 'slow', bytesPerSecond: 60_000 }, 1)
  const pulling = start(['models', 'pull', 'some/slow'])
  await pulling.shown(/downloading onnx\/model\.onnx/)
  const blobs = join(home, 'huggingface', 'hub', 'models--some--slow', 'blobs')
  const partial = (): string | undefined => readdirSync(blobs).find((name) => name.endsWith('.otoscope'))
  await expect.poll(() => statSync(join(blobs, partial() ?? ''), { throwIfNoEntry: false })?.isFile()).toBe(true)
  await expect.poll(() => statSync(join(blobs, partial()!)).size).toBeGreaterThan(0)
  pulling.kill('SIGINT')
  const { code, stderr } = await pulling.ended
  expect(code).toBe(130)
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    'otoscope: some/slow is not whole yet; what is here stays, and the same command goes on from there',
  )
  const listed = await run('models', 'list', '--all', '--json')
  const { catalogue } = JSON.parse(listed.stdout) as { catalogue: HubCard[] }
  expect(catalogue.find(({ repo }) => repo === 'some/slow')).toMatchObject({ state: 'partial' })
  const from = server.requests.length
  expect((await run('models', 'pull', 'some/slow')).code).toBe(0)
  const asked = server.requests.slice(from).find(({ path }) => path.startsWith('/cdn/'))
  expect(asked!.headers.range).toMatch(/^bytes=[1-9]/)
}, 60_000)

test('what a paused download left is deleted', async () => {
  server.commit('some/left', repository('wav2vec2'))
  server.fault('/cdn/some/left', { kind: 'status', status: 404 })
  expect((await run('models', 'pull', 'some/left')).code).toBe(1)
  const { code, stderr } = await run('models', 'remove', 'some/left', '--partial')
  expect([code, stderr]).toEqual([0, 'otoscope: what the download of some/left left is deleted\n'])
  const { stdout } = await run('models', 'list', '--all')
  expect(stdout).not.toContain('some/left')
})

test('what fails is one sentence, and names no token', async () => {
  const gated = await run('models', 'pull', 'some/gated')
  expect(gated.code).toBe(1)
  expect(gated.stderr.trimEnd().split('\n').at(-1)).toContain(
    `some/gated is given only to those who accept its licence: accept it on ${server.endpoint}/some/gated`,
  )
  const refused = await start(['models', 'pull', 'some/gated'], { HF_TOKEN: 'hf_nobodys' }).ended
  expect(refused.code).toBe(1)
  expect(refused.stdout + refused.stderr).not.toContain('hf_nobodys')
  const given = await start(['models', 'pull', 'some/gated', '--json'], { HF_TOKEN: 'hf_granted' }).ended
  expect(given.code, given.stderr).toBe(0)
  expect(given.stdout + given.stderr).not.toContain('hf_granted')
  const offline = await start(['models', 'pull', 'whisper-base'], { HF_HUB_OFFLINE: '1' }).ended
  expect([offline.code, offline.stderr]).toEqual([1, expect.stringContaining('HF_HUB_OFFLINE tells this program')])
})

test('two processes that pull the same model both end with it, downloaded once', async () => {
  server.commit('some/twice', repository('wav2vec2'))
  server.fault('/cdn/some/twice', { kind: 'slow', bytesPerSecond: 8_000_000 }, 1)
  const from = server.requests.length
  const both = await Promise.all([run('models', 'pull', 'some/twice'), run('models', 'pull', 'some/twice')])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(server.requests.slice(from).filter(({ path }) => path.startsWith('/cdn/'))).toHaveLength(1)
})

test('what is verified but does not open says why, and stays', async () => {
  const { files } = repository('ast')
  server.commit('some/odd', { files: { ...files, 'onnx/model.onnx': 'no graph at all' } })
  const { code, stderr } = await run('models', 'pull', 'some/odd')
  expect(code).toBe(1)
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^otoscope: some\/odd is here and verified, but does not open: .*model\.onnx.*; its files stay$/,
  )
  expect((await run('models', 'remove', 'some/odd')).code).toBe(0)
})

test('a decoder without a cache is taken, and said', async () => {
  const { files } = repository('whisper')
  const less = Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes('with_past')))
  server.commit('some/plain', { ...repository('whisper'), files: less })
  const { code, stderr } = await run('models', 'pull', 'some/plain')
  expect([code, stderr]).toEqual([0, expect.stringContaining('the plain decoder runs for every token instead')])
})

test('a token may come from stdin, for this command alone', async () => {
  server.commit('some/secret', repository('ast', { gated: 'auto', grants: ['hf_granted'] }))
  const words = ['models', 'pull', 'some/secret', '--token-stdin', '--json', '--cache', join(home, 'store')]
  const given = await startCli(words, { env: env(), input: 'hf_granted\n' }).ended
  expect([given.code, given.stderr]).toEqual([0, expect.not.stringContaining('hf_granted')])
  const odd = await startCli(words, { env: env(), input: 'two words' }).ended
  expect([odd.code, odd.stderr]).toEqual([1, expect.stringContaining('that is no access token')])
})
