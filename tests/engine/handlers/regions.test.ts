import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NamedRegion, ProposeProgress, RegionsChange } from '../../../src/contract/regions.ts'
import { readHeard } from '../../../src/engine/audio/heard.ts'
import { heardPieces } from '../../../src/engine/audio/heard-pieces.ts'
import { createSounds } from '../../../src/engine/audio/sounds.ts'
import { regionHandlers } from '../../../src/engine/handlers/regions.ts'
import type { EngineParts } from '../../../src/engine/parts.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { loadJson } from '../../golden/load.ts'

const golden = loadJson<{ clip: Record<string, [number, number][]> }>(
  new URL('../../golden/regions.json', import.meta.url),
)
const folder = mkdtempSync(join(tmpdir(), 'otoscope-regions-'))
const store = openStore(folder)
const sounds = createSounds()
const handlers = regionHandlers({ store, sounds } as unknown as EngineParts)
const context = { signal: new AbortController().signal, part: (() => {}) as (part: ProposeProgress) => void }
const rate = 44_100
let clip = ''
let stereo = ''

beforeAll(async () => {
  clip = (await sounds.open(fileURLToPath(new URL('../../golden/clip.wav', import.meta.url)))).id
  const at = Array.from({ length: 3 * rate }, (_, i) => i / rate)
  const left = Float32Array.from(at, (t) => 0.5 * Math.sin(2 * Math.PI * 100 * t))
  const right = Float32Array.from(at, (t) => 0.5 * Math.sin(2 * Math.PI * 100 * t) + (t > 2 ? 0.9 : 0))
  writeFileSync(join(folder, 'stereo.wav'), writeWav({ rate, channels: [left, right] }))
  stereo = (await sounds.open(join(folder, 'stereo.wav'))).id
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const region = (id: string, start: number, others: Partial<NamedRegion> = {}): NamedRegion => ({
  ...{ id, start, end: start + 1, name: id, low: null, high: null, more: [] },
  ...others,
})

test('regions are kept per recording, sorted, changed and removed; clearing what can be computed again leaves them', async () => {
  const change = (recording: string, put: NamedRegion[], remove: string[] = []) =>
    handlers['regions.change']({ recording, put, remove, by: 'a page' }, context)
  const odd = region('b', 1, { name: '<b>🐦</b>', low: 200, high: 4000.5, more: [['Species', 'wren']] })
  const heard: RegionsChange[] = []
  const stop = handlers['regions.changed']((message) => heard.push(message))
  await change('one', [region('a', 2), odd, region('c', 3)])
  await change('two', [region('a', 9)])
  stop()
  await change('one', [region('a', 0.125)], ['c'])
  expect(heard).toEqual(['one', 'two'].map((recording) => ({ recording, by: 'a page' })))
  store.clear()
  expect(await handlers['regions.list']({ recording: 'one' }, context)).toEqual([region('a', 0.125), odd])
  expect(await handlers['regions.list']({ recording: 'two' }, context)).toEqual([region('a', 9)])
  expect(await handlers['regions.list']({ recording: 'none' }, context)).toEqual([])
})

describe('the nearest zero crossing of the mix', () => {
  const crossing = (at: number) => handlers['regions.zeroCrossing']({ recording: stereo, at }, context)
  test('is a sample of the recording', async () => {
    for (const [at, wanted] of [
      [1.0021, 1],
      [1.0029, 1.005],
      [0, 0],
    ] as const)
      expect(Math.abs((await crossing(at))! - wanted), String(at)).toBeLessThanOrEqual(1 / rate)
    expect(((await crossing(1.0021))! * rate) % 1).toBeCloseTo(0, 6)
  })
  test('is none where the sound stays on one side, and outside the recording', async () => {
    expect(await crossing(2.00251)).not.toBeNull()
    expect(await crossing(99)).toBeNull()
  })
})

describe('proposed regions', () => {
  const propose = (recording: string, range: [number, number], sensitivity = 0.5, context_ = context) =>
    handlers['regions.propose']({ recording, range, sensitivity, leastSeconds: 0.01 }, context_)
  test('of a clip are numpy’s, with progress to its end', async () => {
    const parts: ProposeProgress[] = []
    const found = await propose(clip, [0, 5], 0.5, {
      ...context,
      part: (part: ProposeProgress) => void parts.push(part),
    })
    for (const [i, [start, end]] of golden.clip['0.5']!.entries()) {
      expect(Math.abs(found[i]!.start - start)).toBeLessThanOrEqual(0.01)
      expect(Math.abs(found[i]!.end - end)).toBeLessThanOrEqual(0.01)
    }
    expect(found).toHaveLength(golden.clip['0.5']!.length)
    expect(parts.at(-1)).toEqual({ done: 5, total: 5 })
  })
  test('of a stretch lie in it, counted from the recording’s start', async () => {
    const found = await propose(clip, [2, 4])
    expect(found.some(({ start }) => Math.abs(start - 2.581) < 0.02)).toBe(true)
    expect(found.every(({ start, end }) => start >= 2 && end <= 4)).toBe(true)
  })
  test('end when the call is cancelled, and say what a wrong stretch is', async () => {
    const ending = new AbortController()
    const cancelled = propose(clip, [0, 5], 0.5, { signal: ending.signal, part: () => ending.abort() })
    await expect(cancelled).rejects.toThrow(/abort/i)
    await expect(propose(clip, [7, 9])).rejects.toThrow(/after the end of the recording/)
  })
})

test.each([0, 0.5003, 1.25])('sound in pieces from %d s on is what one reading gives', async (from) => {
  const around = { before: 560, after: 400 }
  const size = 4000
  const whole = await readHeard(sounds.opened(stereo), [from, 3], around)
  let at = 0
  for await (const piece of heardPieces(sounds, stereo, [from, 3], { size, ...around })) {
    const same = whole.samples.subarray(at, at + piece.length)
    const farthest = same.reduce((most, value, i) => Math.max(most, Math.abs(value - piece[i]!)), 0)
    expect(farthest).toBeLessThan(1e-6)
    at += size
  }
  expect(at).toBe(Math.ceil((whole.region[1] - whole.region[0]) / size) * size)
})
