import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runOnDevice } from '../../../src/engine/devices/run-job.ts'
import type { Candidate } from '../../../src/engine/devices/verdict.ts'
import { forkChild } from '../../../src/engine/jobs/child.ts'
import { startInference, type Inference } from '../../../src/engine/jobs/supervisor.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { exampleJob } from '../jobs/example-job.ts'
import { starters } from '../../support/models.ts'

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
  vi.restoreAllMocks()
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
  ...(await exampleJob('a', starters.wav2vec2)),
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
    const [verdict] = store.verdicts(starters.wav2vec2)
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
  expect(store.verdicts(starters.wav2vec2)).toEqual([])
})

describe('what an inference process prints', () => {
  /** what came on our own stderr */
  const told = (): (() => string) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    return () => write.mock.calls.map(([text]) => String(text)).join('')
  }

  test('stays with it as long as it works, and is not told when it is ended', async () => {
    const text = told()
    const parts = partsWith('hangs')
    const failed = expect(runOnDevice(parts, await job('auto'), options())).rejects.toThrow()
    await jobs.client.settled({})
    await jobs.restart()
    await failed
    expect(text()).toBe('')
  })

  test('is told where it ends by itself', async () => {
    const text = told()
    const parts = partsWith('exits')
    await expect(runOnDevice(parts, await job('webgpu'), options())).rejects.toThrow(/exit code 3/)
    await vi.waitFor(() => expect(text()).toBe('the driver prints\n'))
  })

  test('is told where it answers with a bug of ours, stack included', async () => {
    const text = told()
    partsWith('hangs')
    await expect(jobs.client.compare(await job('webgpu'))).rejects.toMatchObject({ code: 'internal' })
    await vi.waitFor(() => expect(text()).toMatch(/Error: not asked here\n +at .*odd-driver/))
  })
})
