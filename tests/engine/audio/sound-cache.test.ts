import { expect, test } from 'vitest'
import type { Range } from '../../../src/contract/tensor.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { createSoundCache } from '../../../src/engine/audio/sound-cache.ts'
import { channelsOf, putWav } from './material.ts'

const rate = 16_000
const inFrames = ([start, end]: Range): Range => [start * rate, end * rate]

test('what is looked at is decoded once for all the questions about it, and for those a step aside', async () => {
  const path = putWav('looked-at.wav', { rate, seconds: 20 })
  const opened = await openRecording(path)
  const [left] = channelsOf(rate, 20)
  let decoded = 0
  // half of it is 15.6 s: less than the recording
  const cache = createSoundCache(4e6, () => {
    decoded++
    return Promise.resolve(opened)
  })
  const ask = async (seconds: Range, around?: Range): Promise<void> => {
    const frames = inFrames(seconds)
    for await (const [samples] of cache.blocks(path, opened.recording, frames, undefined, around && inFrames(around)))
      expect(samples).toEqual(left!.slice(...frames))
  }
  await ask([8, 9], [8, 11])
  await ask([10, 11], [8, 11])
  await ask([4, 5])
  expect(decoded).toBe(1)
  await ask([18, 19])
  expect(decoded).toBe(2)
})

test('what is far longer is read as it is asked for', async () => {
  const path = putWav('far.wav', { rate, seconds: 20 })
  const opened = await openRecording(path)
  const [left] = channelsOf(rate, 20)
  const cache = createSoundCache(4e6, () => Promise.resolve(opened))
  for await (const [samples] of cache.blocks(path, opened.recording, inFrames([2, 3]), undefined, inFrames([0, 20])))
    expect(samples).toEqual(left!.slice(...inFrames([2, 3])))
})
