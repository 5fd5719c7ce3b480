import { expect, test } from 'vitest'
import type { Opening } from '../../../src/contract/opening.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { createOpenings } from '../../../src/engine/audio/openings.ts'
import { startOverview } from '../../../src/signal/overview.ts'
import { putWav } from './material.ts'

const never = new AbortController().signal
const half = startOverview()
half.push([Float32Array.from({ length: 2560 }, (_, n) => (n < 1280 ? 0.5 : 0))])
const heard = { seconds: 0.16, secondsPromised: 1, rate: 16_000, overview: half.soFar() }

test('an opening is told of with what was read of it, and when it is over', async () => {
  const openings = createOpenings()
  const told: Opening[][] = []
  openings.subscribe((list) => told.push(list))
  await openings.follow('a\nb.wav', never, ({ onHeard }) => Promise.resolve(onHeard(heard)))
  expect(told.map((list) => list.length)).toEqual([0, 1, 0])
  const { peaks } = told[1]![0]!
  expect(told[1]![0]).toMatchObject({ name: String.raw`a\u000ab.wav`, seconds: 0.16, secondsPromised: 1 })
  expect(peaks).toMatchObject({ range: [0, 0.16] })
  expect([...peaks!.max]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0, 0])
})

test('one that takes a while is told of before anything was read', async () => {
  const openings = createOpenings()
  const told = new Promise<Opening>((resolve) => openings.subscribe(([one]) => one && resolve(one)))
  await openings.follow('slow.wav', never, () => told)
  expect(await told).toMatchObject({ name: 'slow.wav', seconds: 0, secondsPromised: null, peaks: null })
})

test('one that is cancelled ends as cancelled, and is told of no more', async () => {
  const openings = createOpenings()
  let id = -1
  openings.subscribe(([one]) => (id = one?.id ?? id))
  const path = putWav('long.wav', { seconds: 5 })
  const opened = openings.follow('long.wav', never, ({ signal, onHeard }) => {
    onHeard(heard)
    return openRecording(path, { signal })
  })
  expect(openings.cancel(id)).toBe(true)
  await expect(opened).rejects.toMatchObject({ code: 'cancelled' })
  expect(openings.cancel(id)).toBe(false)
})
