import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { constants, getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startInference, type Inference, type InferenceOptions } from '../../../src/engine/jobs/supervisor.ts'
import { exampleJob } from './example-job.ts'
import { starters } from '../../support/models.ts'

const back = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL)

let storeFolder = ''
const started: Inference[] = []
const gone: string[] = []
beforeEach(() => {
  storeFolder = mkdtempSync(join(tmpdir(), 'otoscope-idle-'))
  gone.length = 0
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.close()))
  rmSync(storeFolder, { recursive: true, force: true })
  expect(gone, 'alarms about processes that were let go').toEqual([])
})
const start = (options: Partial<InferenceOptions> = {}): Inference => {
  const process = startInference({ role: 'jobs', storeFolder, threads: 1, ...options })
  process.onGone((message) => gone.push(message))
  started.push(process)
  return process
}
const without = (jobs: Inference): Promise<void> => expect.poll(() => jobs.pid).toBeNull()

describe('a process without a question for some time', () => {
  test('ends by itself, and the next question starts another', async () => {
    const jobs = start({ idleMilliseconds: 50 })
    await jobs.client.settled({})
    const first = jobs.pid
    expect(first).toBeGreaterThan(0)
    await without(jobs)
    await jobs.client.settled({})
    expect(jobs.pid).not.toBe(first)
  })

  test('never ends while a call is in flight, however long that takes', async () => {
    const jobs = start({ idleMilliseconds: 1 })
    const pids = new Set<number | null>()
    const run = await jobs.client.run(await exampleJob('a', starters.whisper, 60), {
      onPart: () => pids.add(jobs.pid),
    })
    expect(run.id).toBe('a')
    expect(pids.size).toBe(1)
    await without(jobs)
  })

  test('lives on where no such time is set, and takes one that is set later', async () => {
    const jobs = start()
    await jobs.client.settled({})
    const pid = jobs.pid
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(jobs.pid).toBe(pid)
    jobs.adjust({ idleMilliseconds: 1 })
    await without(jobs)
  })
})

describe('a process that is released', () => {
  test('ends at once when it has nothing to do, and with its last call when it has', async () => {
    const jobs = start()
    await jobs.client.settled({})
    jobs.release()
    expect(jobs.pid).toBeNull()
    const run = jobs.client.run(await exampleJob('a'), { onPart: () => jobs.release() })
    expect((await run).id).toBe('a')
    expect(jobs.pid).toBeNull()
    expect(await jobs.client.settled({})).toBeNull()
  })

  test('holds nothing; one that runs holds what the system sees of it', async () => {
    const jobs = start()
    expect(await jobs.heldBytes()).toBe(0)
    await jobs.client.settled({})
    expect(await jobs.heldBytes()).toBeGreaterThan(20e6)
    jobs.release()
    expect(await jobs.heldBytes()).toBe(0)
  })
})

describe('settings that change while a process runs', () => {
  test('of the store’s limit and of threads hold from its next start on, for which it is released', async () => {
    const jobs = start({ storeLimit: 1e9 })
    for (const change of [{ storeLimit: 2e9 }, { threads: 2 }]) {
      await jobs.client.settled({})
      jobs.adjust(change)
      expect(jobs.pid).toBeNull()
    }
    await jobs.client.settled({})
    jobs.adjust({ threads: 2, storeLimit: 2e9 })
    expect(jobs.pid).not.toBeNull()
  })

  test('let it step back at once, all its threads, and those of the next process too', async () => {
    const jobs = start()
    await jobs.client.run(await exampleJob('a', starters.ast))
    jobs.adjust({ background: true })
    const tasks = `/proc/${jobs.pid}/task`
    const threads = existsSync(tasks) ? readdirSync(tasks).map(Number) : [jobs.pid!]
    for (const thread of threads) expect(getPriority(thread)).toBe(back)
    await jobs.restart()
    await jobs.client.settled({})
    expect(getPriority(jobs.pid!)).toBe(back)
    jobs.adjust({ background: false })
    await jobs.client.settled({})
    expect(getPriority(jobs.pid!)).toBe(getPriority())
  })
})
