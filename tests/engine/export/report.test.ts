import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunOptions } from '../../../src/contract/run.ts'
import type { Manifest } from '../../../src/engine/export/manifest.ts'
import { writeReport, type ReportRequest } from '../../../src/engine/export/report.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { resource } from '../../../src/engine/paths.ts'
import { goldenModel, starters } from '../../support/models.ts'

/** The whole report with the shipped recordings: real decoding, inference, store and drawing. */

// one of random weights among them
const models = [starters.whisper, 'wav2vec2-sdpa-17', starters.ast]
const folder = mkdtempSync(join(tmpdir(), 'otoscope-report-'))
const out = join(folder, 'report')
let engine: Engine
let recordings: ReportRequest['recordings']

const request = (change: Partial<ReportRequest> = {}): ReportRequest => ({
  recordings,
  models,
  out,
  formats: ['svg'],
  options: RunOptions.parse({ maxTokens: 4 }),
  device: 'cpu',
  command: ['otoscope', 'report', '/home/somebody/thunder.wav', '--models', 'a,/secret/b', '--out=/tmp/x/report'],
  ...change,
})
const write = (change: Partial<ReportRequest> = {}, said: string[] = []): Promise<Manifest> =>
  writeReport(engine.client.engine, request(change), { say: (message) => said.push(message) })
const read = (path: string): string => readFileSync(join(out, path), 'utf8')

beforeAll(async () => {
  engine = await createEngine({ cacheFolder: join(folder, 'cache'), threads: 2, host: 'tests' })
  await engine.client.host['models.open']({ model: goldenModel('wav2vec2-sdpa-17') })
  const names = ['<b>thunder & "co"</b>\n.wav', 'chimes.wav']
  recordings = []
  for (const [i, path] of ['thunder.wav', 'chimes.wav'].entries()) {
    const { id } = await engine.client.host['files.open']({ path: resource('recordings', path), name: names[i]! })
    recordings.push({ recording: id, region: [0, 2] })
  }
})
afterAll(async () => {
  await engine?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a report of two recordings and three models', () => {
  let manifest: Manifest
  beforeAll(async () => {
    manifest = await write()
  }, 120_000)

  test('holds a page, five figures, four tables and a manifest', () => {
    const figures = [
      'attention-heads',
      'attention-over-spectrogram',
      'cross-attention',
      'encoder-attention',
      'hidden-states',
    ]
    expect(readdirSync(out).sort()).toEqual(['figures', 'index.html', 'manifest.json', 'tables'])
    expect(readdirSync(join(out, 'figures')).sort()).toEqual(figures.map((name) => `${name}.svg`))
    expect(readdirSync(join(out, 'tables')).sort()).toEqual([
      'hidden-states.csv',
      'inputs.csv',
      'models.csv',
      'text.csv',
    ])
  })
  test('the manifest has the hash of every file and no folder of this machine', () => {
    expect(manifest).toEqual(JSON.parse(read('manifest.json')))
    for (const { path, sha256 } of manifest.files)
      expect(
        createHash('sha256')
          .update(readFileSync(join(out, path)))
          .digest('hex'),
      ).toBe(sha256)
    expect(manifest.command).toEqual(['otoscope', 'report', 'thunder.wav', '--models', 'a,b', '--out=report'])
    expect(manifest.providers).toEqual(['cpu'])
    for (const { path } of manifest.files) expect(read(path)).not.toContain(folder)
  })
  test('tables have the shapes and counts of the models', () => {
    expect(read('tables/models.csv')).toMatch(/^model,family,type,untrained,parameters,/)
    expect(read('tables/inputs.csv')).toContain('"(1, 80, 3000)"')
    expect(read('tables/inputs.csv')).toContain('"(1, 32000)"')
    expect(read('tables/hidden-states.csv')).toMatch(/"\(1, 1500, \d+\)",1500,1500,100,20/)
    expect(read('tables/hidden-states.csv')).toMatch(/"\(1, 514, \d+\)",514,64,12,160/)
    expect(read('tables/text.csv')).toMatch(/^recording,model,kind,text,start \(s\),end \(s\),probability\r\n/)
    for (const row of [/,word,\S+.*,0,\d/, /,character,.,\d/, /,label,[^,]+,,,0\.\d/])
      expect(read('tables/text.csv')).toMatch(row)
  })
  test('a name that holds markup and a newline is text everywhere', () => {
    for (const path of ['index.html', 'figures/hidden-states.svg']) {
      expect(read(path)).not.toContain('<b>thunder')
      expect(read(path)).toMatch(/(?:&lt;|&#60;)b(?:&gt;|&#62;)thunder (?:&amp;|&#38;)/)
    }
  })
  test('the page fetches nothing and its ids are its own', () => {
    const page = read('index.html')
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/<script|<link|src="http|@import/)
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
    expect(new Set(ids).size).toBe(ids.length)
  })
  test('every axis in seconds has a title that begins with Time, and untrained models say so', () => {
    const svg = read('figures/encoder-attention.svg')
    expect(read('figures/hidden-states.svg')).toContain('Untrained models have random weights')
    expect(svg.match(/>Time of the (?:key|query) \(s\)</g)?.length).toBe(svg.match(/<image /g)!.length * 2)
    expect(svg).not.toContain('ntrained')
  })
})

test('without a decoder the two cross figures are left out, earlier ones go, and other files stay', async () => {
  writeFileSync(join(out, 'figures', 'mine.txt'), 'mine')
  const said: string[] = []
  const manifest = await write({ models: [starters.ast] }, said)
  expect(said).toEqual([
    'No model given has a decoder, so cross-attention and attention-over-spectrogram are left out.',
  ])
  expect(manifest.leftOut).toEqual(said)
  expect(readdirSync(join(out, 'figures')).sort()).toEqual([
    'attention-heads.svg',
    'encoder-attention.svg',
    'hidden-states.svg',
    'mine.txt',
  ])
}, 60_000)

test('a failure leaves nothing behind', async () => {
  const place = join(folder, 'nothing')
  await expect(write({ out: place, models: ['no-such-model'] })).rejects.toThrow('no-such-model')
  expect(existsSync(place)).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['cache', 'report'])
})

test('a cancelled report leaves nothing behind', async () => {
  const controller = new AbortController()
  const context = { signal: controller.signal, part: () => controller.abort() }
  const options = RunOptions.parse({ maxTokens: 5 })
  await expect(
    writeReport(engine.client.engine, request({ out: join(folder, 'nothing'), options }), context),
  ).rejects.toThrow()
  expect(readdirSync(folder).sort()).toEqual(['cache', 'report'])
})

test('a place that cannot be written fails before anything runs', async () => {
  mkdirSync(join(folder, 'cache'), { recursive: true })
  writeFileSync(join(folder, 'file'), '')
  await expect(write({ out: join(folder, 'file') })).rejects.toMatchObject({ code: 'cannot-write' })
})
