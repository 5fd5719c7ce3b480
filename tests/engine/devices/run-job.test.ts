import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runOnDevice } from '../../../src/engine/devices/run-job.ts'
import type { Candidate } from '../../../src/engine/devices/verdict.ts'
import { forkChild } from '../../../src/engine/jobs/child.ts'
import { startInference, type Inference } from '../../../src/engine/jobs/supervisor.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { exampleJob } from '../jobs/example-job.ts'

const oddDriver = fileURLToPath(new URL('odd-driver.ts', import.meta.url))
const graphics: Candidate = { provider: 'webgpu', name: 'a graphics card' }
const cpu: Candidate = { provider: 'cpu', name: 'a processor' }
let folder = ''
let store: Store
let jobs: Inference

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otoscope-run-job-'))
  store = openStore(folder)
})
afterEach(async () => {
  await jobs.close()
  store.close()
  rmSync(folder, { recursive: true })
})

/** The jobs of an engine on a machine with an odd driver. */
const partsWith = (how: string): Parameters<typeof runOnDevice>[0] => {
  jobs = startInference({
    role: 'jobs',
    storeFolder: folder,
    threads: 1,
    spawn: (_entry, args, options) => forkChild(oddDriver, [how, ...args], options),
  })
  return { store, processes: { jobs: jobs.client } }
}
const options = () => ({ signal: new AbortController().signal, onPart: () => {} })
const job = async (device: 'auto' | 'webgpu') => ({
  ...(await exampleJob('a', 'wav2vec2-untrained')),
  device,
  candidates: device === 'auto' ? [graphics, cpu] : [graphics],
})

describe('an accelerator whose driver ends the process', () => {
  test('is refused on this model under auto, and the run goes on without it, saying so', async () => {
    const parts = partsWith('crashes')
    const run = await runOnDevice(parts, await job('auto'), options())
    const sentence = 'webgpu ended the process (SIGSEGV) while it ran this model'
    expect(run).toMatchObject({ provider: 'cpu', choice: `auto: ${sentence}` })
    expect(run.warnings).toContain(`auto did not use a graphics card: ${sentence}`)
    const [verdict] = store.verdicts('wav2vec2-untrained')
    expect(verdict).toMatchObject({ provider: 'webgpu', device: graphics.name, parity: null, refused: sentence })
  })

  test('asked for by name fails the run, and nothing takes its place', async () => {
    const parts = partsWith('crashes')
    await expect(runOnDevice(parts, await job('webgpu'), options())).rejects.toMatchObject({ code: 'inference-gone' })
    expect(store.findRun('a')).toBeNull()
  })
})

test('a process that was killed is no fault of a driver', async () => {
  const parts = partsWith('hangs')
  const running = runOnDevice(parts, await job('auto'), options())
  const failed = expect(running).rejects.toMatchObject({ code: 'inference-gone' })
  await jobs.client.settled({})
  await jobs.restart()
  await failed
  expect(store.verdicts('wav2vec2-untrained')).toEqual([])
})
