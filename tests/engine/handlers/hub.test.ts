import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createEngine } from '../../../src/engine/index.ts'
import { startHub } from '../../support/hub-server.ts'
import { repository } from '../models/hub/stage.ts'

test('an engine that closes while a download is being cancelled waits until that has let go of its lock', async () => {
  const hub = await startHub()
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-closing-'))
  const before = { ...process.env }
  try {
    Object.assign(process.env, { HF_ENDPOINT: hub.endpoint, HF_HOME: folder })
    hub.commit('some/slow', repository('ast'))
    hub.fault('/cdn/some/slow', { kind: 'slow', bytesPerSecond: 60_000 })
    const engine = await createEngine({ cacheFolder: join(folder, 'cache'), threads: 1, host: 'a test' })
    const blobs = join(folder, 'hub', 'models--some--slow', 'blobs')
    const left = (): string[] => (existsSync(blobs) ? readdirSync(blobs) : []).filter((name) => name.includes('.oto'))
    const stop = new AbortController()
    const pulling = engine.client.engine['hub.pull']({ model: 'some/slow' }, { signal: stop.signal })
    const ended = expect(pulling).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => hub.requests.some(({ path }) => path.startsWith('/cdn/some/slow'))).toBe(true)
    expect(left()).toHaveLength(2)
    stop.abort()
    await ended
    await engine.close()
    expect(left()).toEqual([expect.stringMatching(/\.otoscope$/)])
  } finally {
    process.env = before
    rmSync(folder, { recursive: true })
    await hub.close()
  }
})
