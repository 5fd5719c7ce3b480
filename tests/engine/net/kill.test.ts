import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { DownloadProgress, Wanted } from '../../../src/engine/net/download.ts'
import { isDone, roomyFolder, setUp, sha256, type Bench } from './downloads.ts'

const size = 300e6
const program = fileURLToPath(new URL('./downloading.ts', import.meta.url))

let bench: Bench
let wanted: Wanted
beforeAll(async () => {
  bench = await setUp(roomyFolder())
  wanted = bench.file({ generated: size })
})
const running = new Set<ChildProcess>()
// one that took too long does not spoil the next
afterEach(() => running.forEach((child) => child.kill('SIGKILL')))
afterAll(() => bench[Symbol.asyncDispose]())

// thousands of megabytes go through processes that busy cores may keep waiting
vi.setConfig({ testTimeout: 120_000 })

type Stage = DownloadProgress['stage'] | 'done'

interface Ran {
  code: number | null
  /** what it was doing when it was killed, or last */
  stage: Stage | null
  stages: Set<Stage>
}

/** Runs the program, and kills it as soon as it has said what `enough` waits for. */
const run = (enough: (stage: Stage, bytes: number) => boolean = () => false): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(wanted)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    running.add(child)
    const ran: Ran = { code: null, stage: null, stages: new Set() }
    let killed = false
    createInterface(child.stdout).on('line', (line) => {
      const [stage, bytes] = line.split(' ') as [Stage, string]
      ran.stages.add(stage)
      if (!killed) ran.stage = stage
      if (killed || !enough(stage, Number(bytes))) return
      killed = true
      child.kill('SIGKILL')
    })
    child.on('error', reject).on('close', (code) => {
      running.delete(child)
      resolve({ ...ran, code })
    })
  })

const startAgain = (): void => {
  for (const path of [wanted.path, wanted.partial, `${wanted.partial}.lock`]) rmSync(path, { force: true })
}

/** Seeded: the same points every time. */
const points = (count: number): number[] => {
  let state = 20_261_122
  return Array.from({ length: count }, () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31)
}

/** Where a download is killed; several are killed twice. */
const kills: { what: string; at: ((stage: Stage, bytes: number) => boolean)[] }[] = [
  ...points(13).map((point) => ({
    what: `at ${Math.round((point * size) / 1e6)} MB`,
    at: [(stage: Stage, bytes: number) => stage === 'download' && bytes >= point * size],
  })),
  // the last byte has come: it is on its way through the disk's cache into its place
  ...points(3).map((_, index) => ({
    what: `after the last byte, time ${index + 1}`,
    at: [(stage: Stage, bytes: number) => stage === 'download' && bytes === size],
  })),
  // and while what an earlier process left is read
  ...points(3).map((point) => ({
    what: `at 200 MB, and again while ${Math.round(point * 200)} MB of them are verified`,
    at: [
      (stage: Stage, bytes: number) => stage === 'download' && bytes >= 200e6,
      (stage: Stage, bytes: number) => stage === 'verify' && bytes >= point * 190e6,
    ],
  })),
  { what: 'before the first byte', at: [(stage: Stage) => stage === 'download'] },
]

test('there are 20 of them', () => expect(kills).toHaveLength(20))

test.each(kills)(
  '300 MB killed $what end, started again, in the verified file, and never in another',
  async ({ at }) => {
    startAgain()
    for (const enough of at) {
      const { code, stage } = await run(enough)
      // killed after the last byte it may have been faster
      expect(code === null || stage === 'done').toBe(true)
      if (existsSync(wanted.path)) expect(sha256(wanted.path)).toBe(wanted.hash?.hex)
      else expect(statSync(wanted.partial).size).toBeLessThanOrEqual(size)
    }
    expect((await run()).code).toBe(0)
    expect(isDone(wanted)).toBe(true)
  },
)

test('what a killed process left is not asked for again', async () => {
  startAgain()
  await run((stage, bytes) => stage === 'download' && bytes >= 150e6)
  const here = statSync(wanted.partial).size
  expect(here).toBeGreaterThanOrEqual(149e6)
  const { stages } = await run()
  expect(stages).toContain('verify')
  expect(bench.hub.requests.at(-1)?.headers.range).toBe(`bytes=${here}-`)
})

test('two processes that want the same file end in one, fetched once', async () => {
  startAgain()
  const before = bench.hub.requests.length
  const [one, two] = await Promise.all([run(), run()])
  expect([one.code, two.code]).toEqual([0, 0])
  expect(isDone(wanted)).toBe(true)
  expect(bench.hub.requests.length - before).toBe(1)
  expect([...one.stages, ...two.stages]).toContain('wait')
})

test('a process that waits goes on with what the killed one left', async () => {
  startAgain()
  let second: Promise<Ran> | undefined
  await run((stage, bytes) => {
    if (stage === 'download') second ??= run()
    return bytes >= 250e6
  })
  expect((await second)?.code).toBe(0)
  expect(isDone(wanted)).toBe(true)
})
