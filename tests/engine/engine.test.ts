import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EngineNotice } from '../../src/contract/engine.ts'
import type { PatchGrid } from '../../src/contract/grid.ts'
import type { Recording } from '../../src/contract/recording.ts'
import type { Run, RunProgress } from '../../src/contract/run.ts'
import { createEngine, type Engine } from '../../src/engine/index.ts'
import { resource } from '../../src/engine/paths.ts'
import { readNpz, textOf } from '../../src/formats/npz.ts'
import { shapes, starters } from '../support/models.ts'

/** The whole engine with its own processes, over the shipped recordings and models. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-engine-'))
const notices: EngineNotice[] = []
let engine: Engine
let voice: Recording

beforeAll(async () => {
  engine = await createEngine({
    cacheFolder: folder,
    threads: 1,
    host: 'a test',
    onNotice: (notice) => notices.push(notice),
  })
  voice = await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') })
})

afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const start = (model: string, region: [number, number] = [0, 1], onPart?: (part: RunProgress) => void): Promise<Run> =>
  engine.client.engine['runs.start']({ recording: voice.id, region, model }, onPart ? { onPart } : {})

test('an opened recording is listed once, and the samples can be opened', async () => {
  expect(await engine.client.engine['recordings.list']({})).toEqual([voice])
  expect(notices).toContainEqual({ kind: 'recordings', message: '' })
  const samples = await engine.client.host['files.openSamples']({})
  expect(samples.map(({ name }) => name)).toEqual(['thunder.wav', 'chimes.wav', 'voice.wav', 'scene.wav'])
  expect(samples.every(({ sample }) => sample)).toBe(true)
})

test('a run is computed once and answered from the store afterwards', async () => {
  const input = { recording: voice.id, region: [0, 1] as [number, number], model: starters.wav2vec2 }
  expect(await engine.client.engine['runs.find'](input)).toBeNull()
  const stages = new Set<string>()
  const run = await start(starters.wav2vec2, [0, 1], ({ stage }) => stages.add(stage))
  expect(run.fromStore).toBe(false)
  expect(run.provider).toBe('cpu')
  expect(stages.size).toBeGreaterThan(0)
  expect(run.taps.find(({ tap }) => tap === 'encoder.hidden.0')?.shape).toEqual([
    shapes.wav2vec2.states,
    shapes.wav2vec2.width,
  ])
  const again = await start(starters.wav2vec2)
  expect(again).toEqual({ ...run, fromStore: true })
  expect(await engine.client.engine['runs.find'](input)).toEqual(again)
  expect(engine.store.stats().runs).toBe(1)
})

test('hidden states, features and attention of a run are answered at the size of the screen', async () => {
  const { engine: client } = engine.client
  const run = await start(starters.ast)
  const hidden = await client['runs.hidden']({
    run: run.id,
    tap: 'encoder.hidden.3',
    steps: { unit: 'second', range: [0, 1] },
    dimensions: [8, 40],
    width: 100,
    height: 16,
  })
  expect(hidden.raster).toMatchObject({ rows: 16, columns: 7, source: { rows: [8, 40], columns: [0, 7] } })
  expect(hidden).toMatchObject({ dimensions: shapes.ast.width, grid: { count: shapes.ast.columns } })
  // windows of a long region are asked for at once, their dimensions in the order of one of them
  const other = await start(starters.ast, [0.5, 1.5])
  const steps = { unit: 'step' as const, range: [0, 4] as [number, number] }
  const size = { dimensions: [0, 8] as [number, number], order: 'variance', width: 4, height: 8, pool: 'mean' } as const
  const asked = { tap: 'encoder.hidden.3', orderOf: other.id, ...size }
  const windows = await client['runs.hiddenWindows']({
    parts: [run, other].map(({ id }) => ({ run: id, steps })),
    ...asked,
  })
  const alone = [run, other].map(({ id }) => client['runs.hidden']({ run: id, steps, ...asked }))
  expect(windows).toEqual(await Promise.all(alone))
  expect(windows[0]!.raster.data).not.toEqual(windows[1]!.raster.data)
  const features = await client['runs.features']({ run: run.id, range: [0, 1], width: 50, height: 64 })
  expect(features.raster).toMatchObject({ rows: 64, columns: 50 })
  expect(features.hertz).toHaveLength(128)
  const all = { unit: 'all' as const }
  const square = { width: 60, height: 60 }
  const query = { run: run.id, tap: 'encoder.attention.0', heads: 'mean' as const, queries: all, keys: all, ...square }
  const map = await client['runs.attention'](query)
  expect(map.maps[0]?.raster).toMatchObject({ rows: 60, columns: 60 })
  expect(map.folded?.specialShare).toBeGreaterThan(0)
})

test('layers are compared and projected over what is not padding; the same question again has the same answer', async () => {
  const { engine: client } = engine.client
  const run = await start(starters.ast)
  const { time, bands } = run.grids.encoder as PatchGrid
  expect(time.valid).toBeLessThan(time.count)
  const question = { run: run.id, side: 'encoder', measure: 'cka' } as const
  const similarity = await client['runs.layerSimilarity'](question)
  expect(similarity).toMatchObject({
    states: shapes.ast.layers + 1,
    samples: { kind: 'patches', count: bands * time.valid },
    width: shapes.ast.width,
  })
  expect(await client['runs.layerSimilarity'](question)).toEqual(similarity)
  const trajectory = await client['runs.trajectory']({ run: run.id, side: 'encoder', layer: 2 })
  expect(trajectory.points.map((component) => component.length)).toEqual([time.valid, time.valid])
  expect(trajectory.grid).toEqual(time)
  await expect(client['runs.layerSimilarity']({ ...question, side: 'decoder' })).rejects.toThrow(/has no decoder$/)
  await expect(client['runs.trajectory']({ run: run.id, side: 'encoder', layer: 99 })).rejects.toThrow(
    /has no hidden state encoder\.hidden\.99$/,
  )
  await expect(client['runs.trajectory']({ run: 'gone', side: 'encoder', layer: 0 })).rejects.toMatchObject({
    code: 'not-found',
    message: 'this run is no longer in the store: run the model again',
    detail: { run: 'gone' },
  })
})

test('the numbers of a pane are saved as NPZ and CSV', async () => {
  const { engine: client } = engine.client
  const run = await start(starters.wav2vec2)
  const queries = { unit: 'step' as const, range: [10, 12] as [number, number] }
  const attention = { run: run.id, tap: 'encoder.attention.0', heads: [1], queries }
  const npz = await client['runs.save']({ ...attention, format: 'npz' })
  const arrays = readNpz(npz.bytes)
  expect(arrays.get('encoder.attention.0')?.shape).toEqual([1, 2, shapes.wav2vec2.states])
  expect(JSON.parse(textOf(arrays.get('__metadata__')?.data as Uint8Array))).toMatchObject({ id: run.id })
  const csv = await client['runs.save']({ ...attention, format: 'csv' })
  const lines = new TextDecoder().decode(csv.bytes).trim().split('\r\n')
  expect(lines[0]).toMatch(/^head,query,seconds,key 0,key 1,/)
  expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
    ['0', '10'],
    ['0', '11'],
  ])
  const row = lines[1]!.split(',').slice(3).map(Number)
  expect(row).toHaveLength(shapes.wav2vec2.states)
  expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
})

test('a cancelled run is over, and the next one works', async () => {
  const controller = new AbortController()
  const input = { recording: voice.id, region: [0, 2] as [number, number], model: starters.whisper }
  const run = engine.client.engine['runs.start'](input, {
    signal: controller.signal,
    onPart: () => controller.abort(),
  })
  await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  expect((await start(starters.whisper, [0, 1])).result.tokens?.length).toBeGreaterThan(3)
})

test('a killed job process is an error with a name, is told, and the next run works', async () => {
  const { engine: client } = engine.client
  const run = client['runs.start'](
    { recording: voice.id, region: [0, 2], model: starters.whisper },
    {
      onPart: () => {
        void client['system.card']({}).then(({ processes }) => {
          if (processes.jobs !== null) process.kill(processes.jobs, 'SIGKILL')
        })
      },
    },
  )
  await expect(run).rejects.toMatchObject({ code: 'inference-gone' })
  expect(notices.some(({ kind, message }) => kind === 'inference-gone' && message !== '')).toBe(true)
  await client['inference.restart']({})
  expect((await start(starters.ast, [0, 2])).fromStore).toBe(false)
})

test('a page cannot name a folder, a path or a run that is not there', async () => {
  const { engine: client } = engine.client
  const path = resource('models', starters.ast)
  await expect(client['models.inspect']({ model: path })).rejects.toMatchObject({ code: 'not-found' })
  await expect(start(path)).rejects.toMatchObject({ code: 'not-found' })
  const request = { range: [0, 1] as [number, number], columns: 10 }
  await expect(client['recordings.peaks']({ recording: '/etc/passwd', ...request })).rejects.toMatchObject({
    code: 'not-found',
  })
  await expect(client['runs.features']({ run: 'x', range: [0, 1], width: 1, height: 1 })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('what can be known is refused before anything runs', async () => {
  await expect(start(starters.ast, [0, 0.02])).rejects.toMatchObject({ code: 'bad-region' })
  await expect(start(starters.ast, [500, 501])).rejects.toMatchObject({ code: 'bad-region' })
  const input = { recording: voice.id, region: [0, 1] as [number, number], model: starters.whisper }
  const language = engine.client.engine['runs.start']({ ...input, options: { language: 'xx' } })
  await expect(language).rejects.toMatchObject({ code: 'bad-input' })
  const device = engine.client.engine['runs.start']({ ...input, device: 'dml' })
  await expect(device).rejects.toMatchObject({ code: 'no-provider' })
})

test('a model folder is known by the id it was opened under', async () => {
  const { engine: client, host } = engine.client
  const card = await host['models.open']({ model: resource('models', starters.ast) })
  expect((await client['models.inspect']({ model: card.id })).id).toBe(card.id)
  const imported = await host['models.import']({ path: resource('models', starters.ast) })
  expect((await client['models.list']({})).map(({ id }) => id)).toContain(imported.id)
})
