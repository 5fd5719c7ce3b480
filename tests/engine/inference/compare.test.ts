import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { JobInput } from '../../../src/contract/inference.ts'
import type { Variant } from '../../../src/contract/model.ts'
import type { Recording } from '../../../src/contract/recording.ts'
import type { RunProgress } from '../../../src/contract/run.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { failedVerdict } from '../../../src/engine/devices/verdict.ts'
import { parityLimit, relativeError } from '../../../src/engine/inference/compare.ts'
import { compareJob, runJob } from '../../../src/engine/inference/run.ts'
import { coolDown } from '../../../src/engine/inference/warm.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { onnxruntimeVersion, resource } from '../../../src/engine/paths.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { unpackVariants } from '../../golden/variants.ts'
import { testNeeding } from '../../support/needs.ts'
import { useWebgpu } from '../../support/webgpu.ts'
import { writeUnlikeModel } from './unlike-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-compare-'))
const voicePath = resource('recordings', 'voice.wav')
const tiny = (name: string): string => fileURLToPath(new URL(`../../golden/models/${name}`, import.meta.url))
const graphics = { provider: 'webgpu', name: 'a graphics card' }
const cpu = { provider: 'cpu', name: 'a processor' }
let voice: Recording
let store: Store

useWebgpu()
beforeAll(async () => {
  store = openStore(join(folder, 'store'))
  voice = (await openRecording(voicePath)).recording
})
beforeEach(() => store.clear())
afterAll(() => {
  coolDown()
  store.close()
  rmSync(folder, { recursive: true })
})

const job = (modelFolder: string, changes: Record<string, unknown> = {}): JobInput =>
  JobInput.parse({
    id: 'a run',
    recording: voice.id,
    recordingPath: voicePath,
    recordingName: voice.name,
    opened: voice,
    model: 'tiny',
    modelFolder,
    modelVariant: 'fp32',
    modelHash: modelFolder,
    candidates: [graphics],
    device: 'webgpu',
    region: [0.5, 0.7],
    threads: 1,
    ...changes,
  })

const progress = (part: (part: RunProgress) => void = () => {}) => ({ signal: new AbortController().signal, part })
const run = (input: JobInput, part?: (part: RunProgress) => void) => runJob(input, store, progress(part))
const compare = (input: JobInput) => compareJob(input, store, progress())

const values = (...data: number[]) => ({
  dtype: 'float32' as const,
  shape: [data.length],
  data: Float32Array.from(data),
})

describe('the error of a tap', () => {
  test('is the largest difference over the largest magnitude of the CPU', () => {
    expect(relativeError(values(1, -4, 2), values(1, -4, 2))).toBe(0)
    expect(relativeError(values(1, -4, 2), values(1.5, -4, 1))).toBe(0.25)
    expect(relativeError(values(0, 0), values(0, 0))).toBe(0)
    expect(relativeError(values(0, 0), values(0, 0.5))).toBe(0.5)
  })

  test('is no number where the other gave none', () => {
    expect(relativeError(values(1, 2), values(1, NaN))).toBeNaN()
    expect(relativeError(values(1, 2), values(1, -Infinity))).toBeNaN()
    expect(relativeError(values(1, 2), values(1))).toBeNaN()
    expect(relativeError(values(1, 2), undefined)).toBeNaN()
  })

  test('may be ten times as large where the graph keeps half the digits, whatever its file is called', () => {
    const models = unpackVariants('whisper-sdpa-17', join(folder, 'variants'))
    const limit = (variant: Variant): number => parityLimit(openModel(models, variant))
    expect((['fp32', 'q8', 'fp16', 'q4f16'] as const).map(limit)).toEqual([1e-3, 1e-3, 1e-2, 1e-2])
    for (const part of ['encoder', 'decoder'])
      renameSync(join(models, 'onnx', `${part}_model_fp16.onnx`), join(models, 'onnx', `${part}_model.onnx`))
    expect(limit('fp32')).toBe(1e-2)
  })
})

describe('a comparison with the CPU', () => {
  testNeeding('webgpu')('measures every hidden state and the logits of an encoder, and is kept', async () => {
    const input = job(tiny('wav2vec2-sdpa-17'))
    const verdict = await compare(input)
    expect(verdict).toMatchObject({ provider: 'webgpu', device: graphics.name, refused: '' })
    expect(verdict.onnxruntime).toBe(onnxruntimeVersion)
    expect(verdict.taps.map(({ tap }) => tap)).toEqual([
      'encoder.hidden.0',
      'encoder.hidden.1',
      'encoder.hidden.2',
      'logits',
    ])
    expect(verdict.parity).toMatchObject({ limit: 1e-3, passed: true })
    expect(verdict.parity?.worst).toBe(Math.max(...verdict.taps.map(({ error }) => error)))
    expect(verdict.nodes.webgpu).toBeGreaterThan(50)
    expect(verdict.seconds.cpu).toBeGreaterThan(0)
    expect(verdict.seconds.provider).toBeGreaterThan(0)
    expect(store.verdicts(input.modelHash)).toEqual([verdict])
  })

  testNeeding('webgpu')('goes on with a decoder over its prompt', async () => {
    const { taps, parity } = await compare(job(tiny('whisper-sdpa-17'), { options: { language: 'auto' } }))
    expect(parity?.passed).toBe(true)
    const names = taps.map(({ tap }) => tap)
    expect(names).toEqual(
      expect.arrayContaining(['encoder.hidden.0', 'decoder.hidden.0', 'decoder.hidden.1', 'logits']),
    )
  })

  testNeeding('webgpu')('leaves no profile behind and hears a cancel between passes', async () => {
    const cancel = new AbortController()
    const part = ({ stage, done }: RunProgress): void => void (stage === 'compare' && done === 2 && cancel.abort())
    const comparing = compareJob(job(tiny('wav2vec2-sdpa-14')), store, { signal: cancel.signal, part })
    await expect(comparing).rejects.toMatchObject({ name: 'AbortError' })
    expect(store.verdicts(tiny('wav2vec2-sdpa-14'))).toEqual([])
    const work = join(folder, 'store', 'work')
    expect(readdirSync(work, { recursive: true }).join()).not.toMatch(/profile-.*json/)
  })

  test('of a provider that does not start is refused by a sentence, without numbers', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml'
    const input = job(tiny('wav2vec2-sdpa-17'), { candidates: [{ provider: absent, name: absent }], device: absent })
    const verdict = await compare(input)
    expect(verdict).toMatchObject({ nodes: {}, parity: null, taps: [] })
    expect(verdict.refused).toContain(absent)
    await expect(run(input)).rejects.toMatchObject({ code: 'no-provider', message: expect.stringContaining(absent) })
  })
})

describe('a provider whose numbers are not those of the CPU', () => {
  const unlike = (): string => writeUnlikeModel(join(folder, 'unlike'))

  testNeeding('webgpu')('is refused with the numbers when it is asked for by name', async () => {
    const input = job(unlike())
    const refusal =
      /^device webgpu: webgpu differs from the CPU by \S+ of \S+'s largest magnitude, and 1e-3 is allowed; use/
    await expect(run(input)).rejects.toMatchObject({ code: 'no-provider', message: expect.stringMatching(refusal) })
    expect(store.verdicts(input.modelHash)[0]?.parity?.passed).toBe(false)
    expect(store.findRun(input.id)).toBeNull()
    // what is known is not measured again
    const stages: string[] = []
    await expect(run(input, ({ stage }) => stages.push(stage))).rejects.toMatchObject({ code: 'no-provider' })
    expect(stages).toEqual(['decode', 'features'])
  })

  testNeeding('webgpu')('gives way to the CPU under auto, which says so', async () => {
    const found = await run(job(unlike(), { device: 'auto', candidates: [graphics, cpu] }))
    expect(found).toMatchObject({ provider: 'cpu', device: cpu.name, parity: null })
    expect(found.choice).toMatch(/^auto: webgpu differs from the CPU by/)
    expect(found.warnings.join()).toMatch(/auto did not use a graphics card: webgpu differs/)
    expect(found.nodes.webgpu).toBeUndefined()
  })
})

describe('a run on an accelerator', () => {
  testNeeding('webgpu')('is compared once, then says its nodes and how near it is', async () => {
    const stages: string[] = []
    const part = ({ stage }: RunProgress): void => void (stages.at(-1) !== stage && stages.push(stage))
    const first = await run(job(tiny('wav2vec2-sdpa-17')), part)
    expect(stages).toEqual(['decode', 'features', 'compare', 'load', 'encode', 'store'])
    expect(first).toMatchObject({ provider: 'webgpu', device: graphics.name, choice: 'asked for' })
    expect(first.parity).toMatchObject({ passed: true })
    expect(first.nodes.webgpu).toBeGreaterThan(50)
    stages.length = 0
    const again = await run(job(tiny('wav2vec2-sdpa-17')), part)
    expect(stages).not.toContain('compare')
    expect(again.nodes).toEqual(first.nodes)
    expect(again.parity).toEqual(first.parity)
  })

  testNeeding('webgpu')('counts the nodes of every graph of a run', async () => {
    const model = tiny('whisper-sdpa-17')
    const whole = await run(job(model, { options: { maxTokens: 3 } }))
    const { nodes } = store.verdicts(model)[0]!
    // generating adds the cached decoder, where the model has one
    expect(whole.nodes.webgpu).toBeGreaterThanOrEqual(nodes.webgpu!)
    const onCpu = await run(job(model, { options: { maxTokens: 3 }, device: 'cpu', candidates: [cpu] }))
    expect(Object.keys(onCpu.nodes)).toEqual(['cpu'])
  })

  test('that fails under auto is written down, and the CPU takes over', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml'
    const candidate = { provider: absent, name: 'a graphics card' } as const
    const input = job(tiny('wav2vec2-sdpa-17'), { device: 'auto', candidates: [candidate, cpu] })
    // it was here once, fast and right
    store.putVerdict({ ...failedVerdict(input, candidate, ''), seconds: { cpu: 2, provider: 1 } })
    const found = await run(input)
    expect(found.provider).toBe('cpu')
    expect(found.choice).toContain(`auto: ${absent} is not part of this build`)
    expect(found.warnings.join()).toContain(`auto did not use a graphics card: ${absent}`)
    expect(store.verdicts(input.modelHash)[0]?.refused).toContain(absent)
  })
})
