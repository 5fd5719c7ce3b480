import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngine, type Engine } from '../../../src/engine/index.ts'

/** The calls as a page makes them, told to stay offline. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-libraries-'))
const before = { ...process.env }
let engine: Engine

beforeAll(async () => {
  Object.assign(process.env, { OTOSCOPE_DATA: join(folder, 'data'), HF_HUB_OFFLINE: '1' })
  engine = await createEngine({ cacheFolder: join(folder, 'cache'), threads: 1, host: 'a test' })
})
afterAll(async () => {
  await engine.close()
  process.env = before
  rmSync(folder, { recursive: true })
})

test("CUDA's libraries are offered on Linux x64 and nowhere else", async () => {
  const cards = await engine.client.engine['devices.libraries']({})
  const ids = process.platform === 'linux' && process.arch === 'x64' ? ['cuda'] : []
  expect(cards.map(({ id }) => id)).toEqual(ids)
  for (const { bytes, licence, installed } of cards) {
    expect(bytes.download).toBeGreaterThan(400e6)
    expect(bytes.disk).toBeGreaterThan(400e6)
    expect(licence).toMatch(/NVIDIA/)
    expect(installed).toBe(false)
  }
})

test('a name that is none is refused', async () => {
  for (const call of ['devices.install', 'devices.uninstall'] as const)
    await expect(engine.client.engine[call]({ library: 'rocm' })).rejects.toMatchObject({ code: 'not-found' })
})

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'an installation that fails says why, leaves nothing installed, and can be tried and removed again',
  async () => {
    const { client } = engine
    for (let time = 0; time < 2; time++)
      await expect(client.engine['devices.install']({ library: 'cuda' })).rejects.toMatchObject({ code: 'no-network' })
    const both = [
      client.engine['devices.install']({ library: 'cuda' }),
      client.engine['devices.install']({ library: 'cuda' }),
    ]
    const codes = (await Promise.allSettled(both)).map((end) => (end as PromiseRejectedResult).reason.code as string)
    expect(codes.toSorted()).toEqual(['bad-input', 'no-network'])
    expect(await client.engine['devices.uninstall']({ library: 'cuda' })).toMatchObject({ installed: false })
  },
)
