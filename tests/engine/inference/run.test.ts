import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JobInput } from '../../../src/contract/inference.ts'
import type { Recording } from '../../../src/contract/recording.ts'
import type { RunProgress } from '../../../src/contract/run.ts'
import { argmax, probabilityOf, suppress } from '../../../src/engine/analysis/suppress.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { deviceCard } from '../../../src/engine/inference/devices.ts'
import { runJob } from '../../../src/engine/inference/run.ts'
import { coolDown } from '../../../src/engine/inference/warm.ts'
import { resource } from '../../../src/engine/paths.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { goldenModel, shapes, starters } from '../../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-run-'))
const voicePath = resource('recordings', 'voice.wav')
let voice: Recording
let store: Store

beforeAll(async () => {
  store = openStore(join(folder, 'store'))
  voice = (await openRecording(voicePath)).recording
})
afterAll(() => {
  coolDown()
  store.close()
  rmSync(folder, { recursive: true })
})

let jobs = 0
const job = (model: string, changes: Record<string, unknown> = {}): JobInput =>
  JobInput.parse({
    id: `run-${jobs++}`,
    recording: voice.id,
    recordingPath: voicePath,
    recordingName: voice.name,
    opened: voice,
    model,
    modelFolder: resource('models', model),
    modelVariant: 'fp32',
    candidates: [{ provider: 'cpu', name: 'CPU' }],
    modelHash: model,
    region: [0, 2],
    threads: 1,
    ...changes,
  })

const run = (input: JobInput, part: (part: RunProgress) => void = () => {}, signal = new AbortController().signal) =>
  runJob(input, store, { signal, part })

/** A copy of a shipped model, to be changed. */
const copyOf = (model: string, name: string): string => {
  const copy = join(folder, name)
  cpSync(resource('models', model), copy, { recursive: true })
  return copy
}

describe('a run', () => {
  test.each([
    [starters.wav2vec2, 'ctc'],
    [starters.whisper, 'encoder-decoder'],
    [starters.ast, 'classifier'],
  ])('of %s stores every tap it promises', async (model, type) => {
    const input = job(model, { options: { maxTokens: 4 } })
    const found = await run(input)
    expect(found).toMatchObject({ provider: 'cpu', samples: 32000, region: [0, 2], fromStore: false })
    expect(found.model).toMatchObject({ type })
    expect(store.findRun(input.id)?.taps).toEqual(found.taps)
    for (const card of found.taps.filter((tap) => tap.stored)) {
      const { dtype, shape, axes } = store.tensor(input.id, card.tap)
      expect({ dtype, shape, axes }).toEqual({ dtype: card.dtype, shape: card.shape, axes: card.axes })
    }
    const names = found.taps.map((card) => card.tap)
    expect(names).toContain(`encoder.hidden.${found.encoder.layers}`)
    expect(found.taps.filter((card) => !card.stored).every((card) => card.tap.includes('attention'))).toBe(true)
  })

  test('of random weights says that it means nothing, that of trained ones does not', async () => {
    const random = job('random', { modelFolder: goldenModel('ast-sdpa-17') })
    const said = 'untrained weights: what the model says means nothing'
    expect(await run(random)).toMatchObject({ model: { untrained: true }, warnings: [said] })
    expect(await run(job(starters.ast))).toMatchObject({ model: { untrained: false }, warnings: [] })
  })

  test('reports its stages in order', async () => {
    const stages: string[] = []
    await run(job(starters.whisper, { options: { maxTokens: 3 } }), ({ stage, done, total }) =>
      stages.push(stage === 'token' ? `${stage} ${done}/${total}` : stage),
    )
    const tokens = ['token 1/3', 'token 2/3', 'token 3/3']
    expect(stages).toEqual(['decode', 'features', 'load', 'encode', ...tokens, 'decoder', 'store'])
  })

  test('gives the same numbers again, also after other models took its place', async () => {
    const models = [starters.ast, starters.wav2vec2, starters.whisper, starters.ast]
    const ids: string[] = []
    for (const model of models) ids.push((await run(job(model, { options: { maxTokens: 1 } }))).id)
    const [first = '', last = ''] = [ids[0], ids.at(-1)]
    expect(store.tensor(last, 'encoder.hidden.2').data).toEqual(store.tensor(first, 'encoder.hidden.2').data)
  })

  test('places its steps in the recording, not in the clip', async () => {
    const { grids } = await run(job(starters.wav2vec2, { region: [1, 2] }))
    expect(grids.encoder).toMatchObject({ step: 0.02, count: shapes.wav2vec2.states })
    expect('start' in grids.encoder && grids.encoder.start).toBeCloseTo(1.02434375, 9)
  })

  test('of silence is accepted with a warning', async () => {
    const path = join(folder, 'silent.wav')
    writeFileSync(path, silentWav(16000))
    const { recording } = await openRecording(path)
    const changes = { recording: recording.id, recordingPath: path, opened: recording, region: [0, 1] }
    const found = await run(job(starters.wav2vec2, changes))
    expect(found.warnings.join()).toContain('silence')
  })
})

describe('what stands on the encoder', () => {
  test('a CTC head gives characters inside the region', async () => {
    const { result } = await run(job(starters.wav2vec2, { region: [1, 2] }))
    const characters = result.characters ?? []
    expect(characters.length).toBeGreaterThan(0)
    for (const { start, end, probability } of characters) {
      expect(start).toBeGreaterThan(1)
      expect(end).toBeGreaterThan(start)
      expect(end).toBeLessThanOrEqual(2)
      expect(probability).toBeGreaterThan(0)
    }
    expect(result.text).toBe(
      characters
        .map((character) => character.text)
        .join('')
        .trim(),
    )
    expect(result).toMatchObject({ tokens: null, labels: null, language: null })
  })

  test('a classifier gives all labels by falling score', async () => {
    const { result } = await run(job(starters.ast))
    const scores = result.labels?.items.map((item) => item.score) ?? []
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(result).toMatchObject({ text: null, tokens: null, characters: null })
  })

  test('a decoder marks its prompt as forced and detects the language', async () => {
    const { result } = await run(job(starters.whisper, { options: { maxTokens: 5 } }))
    expect(result.language?.detected).toBe(true)
    expect(result.tokens?.slice(0, 4).map((token) => [token.forced, token.special, token.probability])).toEqual(
      Array.from({ length: 4 }, () => [true, true, null]),
    )
    expect(result.tokens?.[1]?.text).toBe(`<|${result.language?.code}|>`)
    for (const token of result.tokens?.slice(4) ?? []) expect(token.probability).toBeGreaterThan(0)
    expect(result.tokens?.length).toBeLessThanOrEqual(9)
  })

  test('a given language and task stand in the prompt', async () => {
    const options = { language: 'de', task: 'translate', maxTokens: 1 }
    // whisper-starter knows one language
    const { result } = await run(job('many', { modelFolder: goldenModel('whisper-sdpa-17'), options }))
    expect(result.language).toEqual({ code: 'de', detected: false, probability: null })
    expect(result.tokens?.map((token) => token.text).slice(1, 3)).toEqual(['<|de|>', '<|translate|>'])
  })

  test('given tokens are the whole sequence, a row each', async () => {
    const tokens = [417, 420, 5, 6, 7]
    const input = job(starters.whisper, { options: { tokens } })
    const { result, taps } = await run(input)
    expect(result.tokens?.map((token) => [token.id, token.forced])).toEqual(tokens.map((id) => [id, true]))
    expect([...store.tensor(input.id, 'tokens').data].map(Number)).toEqual(tokens)
    expect(taps.find((card) => card.tap === 'logits')?.shape[0]).toBe(5)
    expect(taps.find((card) => card.tap === 'cross.attention.0')?.shape[1]).toBe(5)
  })

  test('generation is the same with and without the cached decoder', async () => {
    const slow = copyOf(starters.whisper, 'uncached')
    rmSync(join(slow, 'onnx', 'decoder_with_past_model.onnx'))
    const options = { maxTokens: 12 }
    const cached = await run(job(starters.whisper, { options }))
    const uncached = await run(job(starters.whisper, { options, modelFolder: slow, modelHash: 'uncached' }))
    const ids = (found: typeof cached) => found.result.tokens?.map((token) => token.id)
    expect(ids(uncached)).toEqual(ids(cached))
  })

  test('the logits of the forced pass lead to the tokens that were generated', async () => {
    const input = job(starters.whisper, { options: { maxTokens: 8 } })
    const { result } = await run(input)
    const rules = JSON.parse(readFileSync(resource('models', starters.whisper, 'generation_config.json'), 'utf8'))
    const { data, shape } = store.tensor(input.id, 'logits')
    const width = shape[1] ?? 0
    const tokens = result.tokens ?? []
    for (let i = 4; i < tokens.length; i++) {
      const row = (data as Float32Array).slice((i - 1) * width, i * width)
      suppress(row, [...rules.suppress_tokens, ...(i === 4 ? rules.begin_suppress_tokens : [])])
      expect(argmax(row)).toBe(tokens[i]?.id)
      expect(probabilityOf(row, argmax(row))).toBeCloseTo(tokens[i]?.probability ?? NaN, 4)
    }
  })
})

describe('cancelling', () => {
  test('between tokens leaves nothing in the store', async () => {
    const abort = new AbortController()
    const input = job(starters.whisper)
    const seen: number[] = []
    const stop = ({ stage, done }: RunProgress) => {
      if (stage === 'token') seen.push(done)
      if (stage === 'token' && done === 3) abort.abort()
    }
    await expect(run(input, stop, abort.signal)).rejects.toMatchObject({ name: 'AbortError' })
    expect(seen).toEqual([1, 2, 3])
    expect(store.findRun(input.id)).toBeNull()
  })

  test('before it begins does nothing', async () => {
    await expect(run(job(starters.ast), undefined, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

describe('a run that cannot be', () => {
  test.each([
    ['too short for the family', starters.wav2vec2, { region: [0, 0.02] }, 'bad-region', 'too short: 320 samples'],
    ['longer than the family’s window', starters.ast, { region: [0, 11] }, 'bad-region', 'hears 10.24 s at once'],
    ['outside the recording', starters.ast, { region: [90, 91] }, 'bad-region', 'voice.wav'],
    ['in an unknown language', starters.whisper, { options: { language: 'xx' } }, 'bad-input', 'xx'],
    [
      'of an unknown token',
      starters.whisper,
      { options: { tokens: [1, shapes.whisper.vocabulary] } },
      'bad-input',
      `token ${shapes.whisper.vocabulary}`,
    ],
  ])('%s is refused with a sentence', async (_, model, changes, code, words) => {
    const input = job(model, changes)
    await expect(run(input)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
    expect(store.findRun(input.id)).toBeNull()
  })

  test('because of its options is refused before anything is decoded', async () => {
    const stages: string[] = []
    const input = job(starters.whisper, { options: { language: 'xx' } })
    await expect(run(input, ({ stage }) => stages.push(stage))).rejects.toThrow()
    expect(stages).toEqual([])
  })

  test('with more tokens than the decoder has positions is refused', async () => {
    const tokens = Array.from({ length: shapes.whisper.positions + 1 }, () => 1)
    await expect(run(job(starters.whisper, { options: { tokens } }))).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('because its graph is no model is refused', async () => {
    const garbage = copyOf(starters.ast, 'garbage')
    writeFileSync(join(garbage, 'onnx', 'model.onnx'), 'hello')
    const input = job(starters.ast, { modelFolder: garbage, modelHash: 'garbage' })
    await expect(run(input)).rejects.toMatchObject({ code: 'bad-model' })
  })

  test('on a provider that is not there is refused, not moved to the CPU', async () => {
    const device = process.platform === 'darwin' ? 'dml' : 'coreml'
    expect(await deviceCard(device)).toMatchObject({ works: false })
    const candidates = [{ provider: device, name: device }]
    await expect(run(job(starters.ast, { device, candidates }))).rejects.toMatchObject({ code: 'no-provider' })
  })
})

/** 16-bit mono at 16 kHz, all zeros. */
const silentWav = (frames: number): Uint8Array => {
  const bytes = new Uint8Array(44 + 2 * frames)
  const view = new DataView(bytes.buffer)
  const text = (at: number, word: string) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)))
  text(0, 'RIFF')
  view.setUint32(4, bytes.length - 8, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, 16000, true)
  view.setUint32(28, 32000, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, 2 * frames, true)
  return bytes
}
