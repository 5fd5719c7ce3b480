import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunProgress } from '../../../src/contract/run.ts'
import { forkChild } from '../../../src/engine/jobs/child.ts'
import { createQueue } from '../../../src/engine/jobs/queue.ts'
import { startInference, type Inference, type InferenceOptions } from '../../../src/engine/jobs/supervisor.ts'
import { resource } from '../../../src/engine/paths.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import { exampleJob } from './example-job.ts'
import { starters } from '../../support/models.ts'

let storeFolder = ''
const started: Inference[] = []
beforeEach(() => (storeFolder = mkdtempSync(join(tmpdir(), 'otoscope-jobs-'))))
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.close()))
  rmSync(storeFolder, { recursive: true, force: true })
})
const start = (options: Partial<InferenceOptions> = {}): Inference => {
  const process = startInference({ role: 'jobs', storeFolder, threads: 1, ...options })
  started.push(process)
  return process
}
/** A zombie that nobody reaps is as dead as any. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    const stat = `/proc/${pid}/stat`
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
  } catch {
    return false
  }
}
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('an inference process', () => {
  test('starts with its first call and puts a run into the store', async () => {
    const jobs = start()
    expect(jobs.pid).toBeNull()
    const stages = new Set<string>()
    const run = await jobs.client.run(await exampleJob('a'), { onPart: ({ stage }) => stages.add(stage) })
    expect(jobs.pid).toBeGreaterThan(0)
    expect([...stages].at(-1)).toBe('store')
    const store = openStore(storeFolder)
    expect(store.findRun('a')).toEqual(run)
    store.close()
  })

  test('of the other kind answers from what the first one stored', async () => {
    const [jobs, queries] = [start(), start({ role: 'queries' })]
    await jobs.client.run(await exampleJob('a'))
    const modelFolder = resource('models', starters.whisper)
    const map = await queries.client.attention({
      run: 'a',
      tap: 'encoder.attention.0',
      heads: 'mean',
      queries: { unit: 'all' },
      keys: { unit: 'all' },
      width: 40,
      height: 30,
      modelFolder,
      modelVariant: 'fp32',
    })
    expect(map.maps[0]!.raster.data.length).toBe(40 * 30)
    await expect(queries.client.run(await exampleJob('b'))).rejects.toMatchObject({ code: 'cannot-write' })
  })

  test('that dies fails its calls with a sentence, says so, and starts again', async () => {
    const jobs = start()
    const gone: string[] = []
    jobs.onGone((message) => gone.push(message))
    await jobs.client.settled({})
    const { pid } = jobs
    const killOnce = (): void => void (jobs.pid === pid && process.kill(pid!, 'SIGKILL'))
    const run = jobs.client.run(await exampleJob('a', starters.whisper, 200), { onPart: killOnce })
    await expect(run).rejects.toMatchObject({ code: 'inference-gone' })
    await expect(run).rejects.toThrow(/SIGKILL.*the run was lost: start it again/)
    expect(gone).toHaveLength(1)
    expect((await jobs.client.run(await exampleJob('b'))).id).toBe('b')
    expect(jobs.pid).not.toBe(pid)
  })

  test('that dies idle says so without speaking of a run', async () => {
    const jobs = start()
    const gone = new Promise<string>((resolve) => jobs.onGone(resolve))
    await jobs.client.settled({})
    process.kill(jobs.pid!, 'SIGKILL')
    expect(await gone).toMatch(/^the process that runs models ended \(.*SIGKILL.*\). It starts again/)
  })

  test('that is restarted fails its calls but alarms nobody', async () => {
    const jobs = start()
    const gone: string[] = []
    jobs.onGone((message) => gone.push(message))
    let restarted: Promise<void> | undefined
    const onPart = (): void => void (restarted ??= jobs.restart())
    const run = jobs.client.run(await exampleJob('a', starters.whisper, 200), { onPart })
    await expect(run).rejects.toMatchObject({ code: 'inference-gone' })
    await restarted
    expect(await jobs.client.settled({})).toBeNull()
    expect(gone).toEqual([])
  })

  test('passes on what is wrong with a call', async () => {
    const jobs = start()
    const job = await exampleJob('a')
    await expect(jobs.client.run({ ...job, threads: 0 })).rejects.toMatchObject({ code: 'bad-input' })
    const unwritable = start({ storeFolder: '/proc/otoscope' })
    await expect(unwritable.client.run(job)).rejects.toMatchObject({ code: 'cannot-write' })
  })

  test('that cannot be started fails the call, and the next call tries again', async () => {
    let attempts = 0
    const spawn = (entry: string, args: string[]) => {
      if (attempts++ === 0) throw new Error('spawn EAGAIN')
      return forkChild(entry, args)
    }
    const jobs = start({ spawn })
    const first = jobs.client.settled({})
    await expect(first).rejects.toMatchObject({ code: 'inference-gone', message: expect.stringContaining('EAGAIN') })
    expect(await jobs.client.settled({})).toBeNull()
  })

  test('whose program is missing says how it ended', async () => {
    const jobs = start({ spawn: (_entry, args) => forkChild('/nowhere/process.js', args) })
    await expect(jobs.client.settled({})).rejects.toThrow(/exit code 1/)
  })

  test('ends when its parent is killed, at work or idle', async () => {
    const entry = fileURLToPath(new URL('parent.ts', import.meta.url))
    const parent = spawn(process.execPath, [entry, storeFolder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pids = line.toString().split('\n')[0]!.split(' ').map(Number)
    expect(pids.map(isAlive)).toEqual([true, true])
    parent.kill('SIGKILL')
    await until(() => !pids.some(isAlive))
  })
})

describe('the queue of jobs', () => {
  test('runs one job at a time in the order they came, telling the others that they wait', async () => {
    const jobs = start()
    const queue = createQueue(jobs)
    const heard: string[] = []
    const template = await exampleJob('', starters.wav2vec2)
    const run = async (id: string): Promise<void> => {
      const onPart = ({ stage, total }: RunProgress): unknown =>
        heard.push(stage === 'waiting' ? `${id} waits for ${total}` : `${id} works`)
      await queue.run({ ...template, id }, { onPart })
      heard.push(`${id} done`)
    }
    const first = run('a')
    await until(() => heard.includes('a works'))
    await Promise.all([first, run('b'), run('c')])
    expect(heard.filter((line) => /done|waits/.test(line))).toEqual(
      expect.arrayContaining(['b waits for 1', 'c waits for 2']),
    )
    expect(heard.filter((line) => line.endsWith('done'))).toEqual(['a done', 'b done', 'c done'])
    expect(heard.lastIndexOf('a works')).toBeLessThan(heard.indexOf('b works'))
  })

  test('drops a waiting job at once and goes on', async () => {
    const queue = createQueue(start())
    const first = queue.run(await exampleJob('a'))
    const controller = new AbortController()
    const second = queue.run(await exampleJob('b'), { signal: controller.signal })
    const third = queue.run(await exampleJob('c'))
    controller.abort()
    await expect(second).rejects.toMatchObject({ code: 'cancelled' })
    expect([(await first).id, (await third).id]).toEqual(['a', 'c'])
    await expect(queue.run(await exampleJob('d'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  test('a cancelled job stops by itself, and the process lives on', async () => {
    const jobs = start()
    const queue = createQueue(jobs, 20_000)
    const controller = new AbortController()
    const job = await exampleJob('a', starters.whisper, 400)
    const run = queue.run(job, {
      signal: controller.signal,
      onPart: ({ stage }) => stage === 'token' && controller.abort(),
    })
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    const { pid } = jobs
    expect((await queue.run(await exampleJob('b'))).id).toBe('b')
    expect(jobs.pid).toBe(pid)
    const store = openStore(storeFolder)
    expect(store.findRun('a')).toBeNull()
    store.close()
  })

  test('a cancelled job that does not answer is killed with its process, and the next one gets another', async () => {
    const jobs = start()
    const queue = createQueue(jobs, 50)
    await jobs.client.settled({})
    const pid = jobs.pid!
    const controller = new AbortController()
    const run = queue.run(await exampleJob('a'), { signal: controller.signal })
    const next = queue.run(await exampleJob('b'))
    process.kill(pid, 'SIGSTOP') // as deaf as in the middle of a long run
    controller.abort()
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    expect((await next).id).toBe('b')
    expect(isAlive(pid)).toBe(false)
  })

  test('a job that fails makes room for the next', async () => {
    const queue = createQueue(start())
    const [bad, good] = [await exampleJob('a'), await exampleJob('b')]
    const failed = queue.run({ ...bad, recordingPath: '/nowhere.wav' })
    const ran = queue.run(good)
    await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/not-found|bad-recording/) })
    expect((await ran).id).toBe('b')
  })
})
