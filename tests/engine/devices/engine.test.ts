import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunOptions, type DeviceId, type RunInput } from '../../../src/contract/run.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { resource } from '../../../src/engine/paths.ts'
import { testNeeding } from '../../support/needs.ts'
import { useWebgpu } from '../../support/webgpu.ts'
import { starters } from '../../support/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-devices-'))
const tiny = fileURLToPath(new URL('../../golden/models/wav2vec2-sdpa-17', import.meta.url))
let engine: Engine
let model = ''
let recording = ''

useWebgpu()
beforeAll(async () => {
  engine = await createEngine({ cacheFolder: folder, threads: 1, host: 'a test' })
  model = (await engine.client.host['models.open']({ model: tiny })).id
  recording = (await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') })).id
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const input = (device: DeviceId): RunInput => ({
  recording,
  model,
  region: [0.5, 0.7],
  options: RunOptions.parse({}),
  device,
})
const absent = process.platform === 'darwin' ? 'dml' : 'coreml'

describe('the engine', () => {
  testNeeding('webgpu')('serves no run of another provider for a device asked for by name', async () => {
    const { engine: client } = engine.client
    const onCpu = await client['runs.start'](input('cpu'))
    expect(onCpu).toMatchObject({ provider: 'cpu', choice: 'asked for', parity: null, fromStore: false })
    expect(Object.keys(onCpu.nodes)).toEqual(['cpu'])
    expect(await client['runs.find'](input('webgpu'))).toBeNull()
    const accelerated = await client['runs.start'](input('webgpu'))
    expect(accelerated).toMatchObject({ provider: 'webgpu', parity: { passed: true }, fromStore: false })
    expect(accelerated.device).not.toBe('')
    expect(await client['runs.find'](input('cpu'))).toBeNull()
    // whatever made it, it is within what is allowed
    expect(await client['runs.start'](input('auto'))).toMatchObject({ provider: 'webgpu', fromStore: true })
    expect(await client['devices.verdicts']({ model })).toMatchObject([
      { provider: 'webgpu', device: accelerated.device },
    ])
  })

  testNeeding('webgpu')('compares again when asked to, and keeps the newer verdict', async () => {
    const { engine: client } = engine.client
    const stages = new Set<string>()
    const verdict = await client['devices.compare'](input('webgpu'), { onPart: ({ stage }) => stages.add(stage) })
    expect(stages).toContain('compare')
    expect(await client['devices.verdicts']({ model })).toEqual([verdict])
  })

  test('says why a device does not run, and runs nothing in its place', async () => {
    const { engine: client } = engine.client
    for (const call of ['runs.start', 'devices.compare'] as const)
      await expect(client[call](input(absent))).rejects.toMatchObject({
        code: 'no-provider',
        message: expect.stringContaining(`device ${absent}: not compiled in`),
      })
  })

  test('compares neither auto nor the CPU', async () => {
    for (const device of ['auto', 'cpu'] as const)
      await expect(engine.client.engine['devices.compare'](input(device))).rejects.toMatchObject({ code: 'bad-input' })
  })

  test('has no verdict on a model that nobody compared', async () => {
    const other = await engine.client.host['models.open']({ model: starters.ast })
    expect(await engine.client.engine['devices.verdicts']({ model: other.id })).toEqual([])
    await expect(engine.client.engine['devices.verdicts']({ model: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
