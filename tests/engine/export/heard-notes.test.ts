import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FigureFormat, FigureName } from '../../../src/contract/figures.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { starters } from '../../support/models.ts'

/** What a model hears is said below a figure, in the words of the page, and in the file's own description. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-heard-notes-'))
const path = join(folder, 'stereo & low.wav')
const region: [number, number] = [0, 1]
let engine: Engine
let recording: string

beforeAll(async () => {
  engine = await createEngine({ cacheFolder: join(folder, 'cache'), threads: 1, host: 'a test' })
  const tone = (hertz: number): Float32Array =>
    Float32Array.from({ length: 16_000 }, (_, n) => 0.3 * Math.sin((2 * Math.PI * hertz * n) / 8000))
  writeFileSync(path, writeWav({ rate: 8000, channels: [tone(300), tone(500)] }))
  recording = (await engine.client.host['files.open']({ path })).id
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const draw = async (
  figure: FigureName,
  models: string[],
  heard: boolean,
  format: FigureFormat = 'svg',
  of = region,
) => {
  const recordings = [{ recording, region: of }]
  const input = { figure, format, recordings, models, heard }
  return Buffer.from((await engine.client.engine['figures.draw'](input)).bytes).toString(
    format === 'svg' ? 'utf8' : 'latin1',
  )
}
/** in the words of the page (panes/column-sound.ts) */
const words = async (model: string): Promise<string> => {
  const { done } = await engine.client.engine['recordings.heardBy']({ recording, heardBy: { model, region } })
  return `what ${model} hears: ${done.join(' · ')}`
}
const unescaped = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))).replaceAll('&amp;', '&')
/** what is written in the picture, line ends gone, and what its description says */
const textOf = (svg: string) => ({
  written: unescaped([...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text).join(' ')),
  described: unescaped(/<desc>([^<]*)<\/desc>/.exec(svg)![1]!).split('\n'),
})

test('the figure that shows the sound of a run always says it', async () => {
  const { whisper } = starters
  expect(await words(whisper)).toBe(`what ${whisper} hears: 16 kHz, mixed to one channel · padded with 29.0 s of zeros`)
  const line = `Of stereo & low.wav, ${await words(whisper)}.`
  const { written, described } = textOf(await draw('attention-over-spectrogram', [whisper], false))
  expect(written).toContain(line)
  expect(described).toContain(line)
  expect(await draw('attention-over-spectrogram', [whisper], false, 'png')).toContain('padded with 29.0 s of zeros')
})

test('another one says it of every model where the page shows it', async () => {
  const models = [starters.whisper, starters.wav2vec2]
  const { described } = textOf(await draw('hidden-states', models, true))
  for (const model of models) expect(described).toContain(`Of stereo & low.wav, ${await words(model)}.`)
  expect(await words(starters.wav2vec2)).toContain('zero mean, unit variance')
  expect(await draw('hidden-states', models, false)).not.toContain('hears')
})

test('of a file that is gone it says so, and the figure is drawn of what is stored', async () => {
  const models = [starters.wav2vec2]
  await draw('encoder-attention', models, false, 'svg', [0, 0.5])
  renameSync(path, join(folder, 'cache', 'elsewhere.wav'))
  const { described } = textOf(await draw('encoder-attention', models, true, 'svg', [0, 0.5]))
  expect(described.at(-1)).toMatch(/^Of stereo & low\.wav, what wav2vec2-starter hears is not known: .+\.$/)
})
