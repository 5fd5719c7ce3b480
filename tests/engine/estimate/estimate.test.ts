import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { RunEstimate } from '../../../src/contract/estimate.ts'
import type { Run } from '../../../src/contract/run.ts'
import { storedBytes } from '../../../src/engine/estimate/estimate-cache.ts'
import { runShapes } from '../../../src/engine/estimate/run-shapes.ts'
import { createEngine, type Engine, type EngineOptions } from '../../../src/engine/index.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { resource } from '../../../src/engine/paths.ts'
import { elementCount } from '../../../src/contract/tensor.ts'
import { goldenModel, starters } from '../../support/models.ts'

const parent = mkdtempSync(join(tmpdir(), 'otoscope-estimates-'))
const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})
afterAll(() => rmSync(parent, { recursive: true, force: true }))

type Options = Partial<{ maxTokens: number; tokens: number[] }>
interface Bench {
  engine: Engine
  estimate(model: string, region: [number, number], options?: Options): Promise<RunEstimate>
  run(model: string, region: [number, number], options?: Options): Promise<Run>
}

const open = async (name: string, options: Partial<EngineOptions> = {}): Promise<Bench> => {
  const engine = await createEngine({ cacheFolder: join(parent, name), threads: 1, host: 'a test', ...options })
  engines.push(engine)
  const { id: recording } = await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') })
  const input = (model: string, region: [number, number], options: Options = {}) => ({
    recording,
    region,
    model,
    options,
    device: 'cpu' as const,
  })
  return {
    engine,
    estimate: (...words) => engine.client.engine['runs.estimate'](input(...words)),
    run: (...words) => engine.client.engine['runs.start'](input(...words)),
  }
}

describe('bytes of the cache are those a run stores, for', () => {
  test.each([
    'wav2vec2-bmm-14',
    'wav2vec2-bare-sdpa-14',
    'wav2vec2-adapter-sdpa-14',
    'sew-eager-17',
    'bert-eager-17',
    'hubert-mask-sdpa-14',
    'ast-bmm-17',
    'whisper-merged-17',
  ])('%s', async (name) => {
    const { engine, run } = await open('bytes')
    const { id } = await engine.client.host['models.open']({ model: goldenModel(name) })
    const { taps, samples, result } = await run(id, [0, 1.3], name.startsWith('whisper') ? { maxTokens: 7 } : {})
    const stored = taps
      .filter((tap) => tap.stored)
      .reduce((bytes, { shape, dtype }) => bytes + elementCount(shape) * (dtype === 'int64' ? 8 : 4), 0)
    const model = openModel(goldenModel(name))
    const shapes = runShapes(model, samples, { language: 'auto', task: 'transcribe' })
    expect(storedBytes(model.card, shapes, result.tokens?.length ?? 0)).toBe(stored)
  })
})

test('bytes are near what the store really grows by, the run’s own card included', async () => {
  const { engine, estimate, run } = await open('grows')
  const { cache } = await estimate(starters.wav2vec2, [0, 2])
  const before = engine.store.stats().bytes
  await run(starters.wav2vec2, [0, 2])
  const ratio = cache.likely / (engine.store.stats().bytes - before)
  expect(ratio).toBeGreaterThan(1 / 1.5)
  expect(ratio).toBeLessThan(1.5)
  expect(cache.most).toBe(cache.likely)
})

describe('seconds', () => {
  test('are told by a trial first and by earlier runs then, without loading what is loaded', async () => {
    const { estimate, run } = await open('seconds')
    const first = await estimate(starters.wav2vec2, [0, 2])
    expect(first.time).toMatchObject({ from: 'trial', provider: 'cpu' })
    expect(first.time!.load).toBeGreaterThan(0)
    const done = await run(starters.wav2vec2, [0, 2])
    expect(done.loadSeconds).toBeGreaterThan(0)
    expect(done.loadSeconds).toBeLessThan(done.seconds)
    const then = await estimate(starters.wav2vec2, [0, 3])
    expect(then.time).toMatchObject({ from: 'runs', load: 0 })
    expect((await run(starters.wav2vec2, [0, 3])).loadSeconds).toBe(0)
  })

  test('grow with the clip where the model hears it whole, and not where it hears a window', async () => {
    const { estimate } = await open('grow')
    const time = async (model: string, seconds: number) => (await estimate(model, [0, seconds])).time!
    const [short, long] = [await time(starters.wav2vec2, 1), await time(starters.wav2vec2, 3.8)]
    expect(long.likely - long.load).toBeGreaterThan(short.likely - short.load)
    expect((await time(starters.ast, 1)).likely).toBeCloseTo((await time(starters.ast, 3.8)).likely, 6)
  })

  test('are not told of a device that the model was never seen on', async () => {
    const { engine } = await open('unseen')
    const [{ id }] = [await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') })]
    const input = { recording: id, region: [0, 1] as [number, number], model: starters.ast, device: 'webgpu' as const }
    expect((await engine.client.engine['runs.estimate'](input)).time).toBeNull()
  })
})

describe('tokens', () => {
  test('that are given are known; those to be written are likely as many as speech has, and at most as many as there may be', async () => {
    const { estimate } = await open('tokens')
    expect((await estimate(starters.whisper, [0, 2], { tokens: [1, 2, 3] })).tokens).toEqual({ likely: 3, most: 3 })
    const { tokens, time, cache } = await estimate(starters.whisper, [0, 2])
    expect(tokens!.likely).toBeLessThan(tokens!.most)
    expect(time!.likely).toBeLessThan(time!.most)
    expect(cache.likely).toBeLessThan(cache.most)
    const few = await estimate(starters.whisper, [0, 2], { maxTokens: 2 })
    expect(few.tokens!.most).toBeLessThan(tokens!.likely)
    expect(few.tokens!.likely).toBe(few.tokens!.most)
  })

  test('are as many as the model wrote before; one that was stopped by its limit goes on to the next', async () => {
    const { estimate, run } = await open('wrote')
    const { result } = await run(starters.whisper, [0, 3.8])
    const again = (await estimate(starters.whisper, [0, 3.8])).tokens!
    expect(Math.abs(again.likely - result.tokens!.length)).toBeLessThanOrEqual(1)
    const stopped = await open('stopped')
    await stopped.run(starters.whisper, [0, 3.8], { maxTokens: 1 })
    const { likely, most } = (await stopped.estimate(starters.whisper, [0, 3])).tokens!
    expect(likely).toBe(most)
  })
})

describe('a cache that cannot hold the results', () => {
  test('refuses the run before anything is loaded, and says what would fit', async () => {
    const { engine, estimate, run } = await open('small', { cacheLimit: 1e6 })
    const found = await estimate(starters.wav2vec2, [0, 3.8])
    expect(found).toMatchObject({ fits: false, time: null })
    const sentence = `the results of ${starters.wav2vec2} on this region take about 1.1 MB and the cache may hold 1.0 MB: choose a shorter region, or let the cache hold more; its first ${found.fitting.seconds} s would fit`
    expect(found.refused).toBe(sentence)
    await expect(run(starters.wav2vec2, [0, 3.8])).rejects.toMatchObject({ code: 'no-space', message: sentence })
    expect((await engine.client.engine['system.card']({})).processes.jobs).toBeNull()
    const { seconds } = found.fitting
    expect((await estimate(starters.wav2vec2, [0, seconds! + 0.1])).fits).toBe(false)
    expect((await run(starters.wav2vec2, [0, seconds!])).fromStore).toBe(false)
  })

  test('offers as many tokens as would fit', async () => {
    const whole = await (await open('roomy')).estimate(starters.whisper, [0, 3.8], { maxTokens: 100 })
    const { estimate } = await open('tight', { cacheLimit: whole.cache.likely - 20_000 })
    const { fits, fitting } = await estimate(starters.whisper, [0, 3.8], { maxTokens: 100 })
    expect(fits).toBe(false)
    expect(fitting).toEqual({ seconds: null, tokens: expect.any(Number) })
    const fewer = await estimate(starters.whisper, [0, 3.8], { maxTokens: fitting.tokens! })
    expect(fewer).toMatchObject({ fits: true, refused: '' })
  })
})

test('a model whose taps would not fit into memory is not tried', async () => {
  const { engine } = await open('proof', { memoryLimit: 120e6 })
  const proving = engine.client.engine['models.prove']({ model: starters.ast })
  await expect(proving).rejects.toMatchObject({
    code: 'no-memory',
    message: expect.stringMatching(/needs about \d+ MB to be tried on a sound and 120 MB may be used/),
  })
  expect((await engine.client.engine['system.card']({})).processes.jobs).toBeNull()
})
