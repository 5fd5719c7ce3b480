import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Run } from '../../src/contract/run.ts'
import { createEngine, type Engine } from '../../src/engine/index.ts'
import { resource } from '../../src/engine/paths.ts'
import { starters } from '../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-damaged-'))
let engine: Engine
let run: Run

const open = (): Promise<Engine> => createEngine({ cacheFolder: folder, threads: 1, host: 'a test' })
const start = async (): Promise<Run> => {
  const { id } = await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') })
  return engine.client.engine['runs.start']({ recording: id, region: [0, 1], model: starters.wav2vec2 })
}

/** Flips bits of a stored tensor on disk, with nobody having it open. */
const damage = async (tap: string): Promise<void> => {
  const values = engine.store.tensor(run.id, tap).data.slice(0, 16)
  await engine.close()
  const path = join(folder, 'otoscope.sqlite')
  const at = readFileSync(path).indexOf(new Uint8Array(values.buffer))
  expect(at).toBeGreaterThan(0)
  const file = openSync(path, 'r+')
  writeSync(file, Uint8Array.of(0xff, 0xff, 0xff), 0, 3, at)
  closeSync(file)
  engine = await open()
}

beforeAll(async () => {
  engine = await open()
  run = await start()
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

test('a run whose hidden state is damaged is computed again, whoever found the damage', async () => {
  const whole = { unit: 'all' as const }
  const size = { width: 20, height: 20 }

  await damage('encoder.hidden.1')
  const hidden = { run: run.id, tap: 'encoder.hidden.1', steps: whole, dimensions: [0, 8] as [number, number], ...size }
  expect((await start()).fromStore).toBe(true)
  await expect(engine.client.engine['runs.hidden'](hidden)).rejects.toThrow('is damaged: start the run again')
  expect((await start()).fromStore).toBe(false)
  expect((await engine.client.engine['runs.hidden'](hidden)).raster.columns).toBe(20)

  await damage('encoder.hidden.1')
  const attention = { run: run.id, tap: 'encoder.attention.1', heads: 'mean' as const, queries: whole, keys: whole }
  expect((await start()).fromStore).toBe(true)
  await expect(engine.client.engine['runs.attention']({ ...attention, ...size })).rejects.toThrow('is damaged')
  expect((await start()).fromStore).toBe(false)
  expect((await engine.client.engine['runs.attention']({ ...attention, ...size })).maps).toHaveLength(1)
})
