import { describe, expect, test } from 'vitest'
import { checkRegion, readClip } from '../../../src/engine/audio/clip.ts'
import { decodeRegion } from '../../../src/engine/audio/region-blocks.ts'
import { mono } from '../../../src/signal/mono.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { resample } from '../../../src/signal/resample.ts'
import { testNeeding } from '../../support/needs.ts'
import { convert, put, putWav } from './material.ts'

describe('reading a clip', () => {
  test.each([44_100, 48_000, 16_000, 8000, 11_025])('at %i Hz it is a slice of the whole, resampled', async (rate) => {
    const path = putWav(`clip${rate}.wav`, { rate, seconds: 3 })
    const { recording } = await openRecording(path)
    const whole = resample(mono(await decodeRegion(path, [0, recording.frames])), rate, 16_000)
    for (const [start, end] of [
      [0, 3],
      [0.5, 1.25],
      [1.0001, 1.0102],
      [2.9, 3],
    ] as const) {
      const { samples } = await readClip(path, recording, [start, end], 16_000)
      const slice = whole.slice(Math.round(start * 16_000), Math.round(end * 16_000))
      expect(Buffer.from(samples.buffer).equals(Buffer.from(slice.buffer))).toBe(true)
    }
  })

  testNeeding('ffmpeg')('five seconds of an MP3 are 80 000 samples wherever they begin', async () => {
    const path = convert(putWav('long.wav', { seconds: 9 }), 'long.mp3')
    const { recording } = await openRecording(path)
    for (const start of [0, 0.33333, 1.7, 4])
      expect((await readClip(path, recording, [start, start + 5], 16_000)).samples).toHaveLength(80_000)
  })

  test('channels are averaged', async () => {
    const channels = [new Float32Array(1600).fill(0.5), new Float32Array(1600).fill(-0.25)]
    const path = put('halves.wav', writeWav({ rate: 16_000, channels }, 'f32'))
    const { recording } = await openRecording(path)
    const { samples } = await readClip(path, recording, [0, 0.1], 16_000)
    expect(samples.every((value) => value === 0.125)).toBe(true)
  })

  test('a file that has changed since it was opened is refused', async () => {
    const path = putWav('changing.wav', { seconds: 1 })
    const { recording } = await openRecording(path)
    putWav('changing.wav', { seconds: 2 })
    await expect(readClip(path, recording, [0, 1], 16_000)).rejects.toThrow('has changed since it was opened')
  })

  test('an aborted reading ends as an abort', async () => {
    const path = putWav('aborted.wav', { seconds: 5 })
    const { recording } = await openRecording(path)
    const reading = readClip(path, recording, [0, 5], 16_000, AbortSignal.abort())
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('the rules of a region', () => {
  const recording = { name: 'ten\nseconds.wav', seconds: 10 }

  test('inside it stays as it is', () => {
    expect(checkRegion(recording, [0, 10])).toEqual({ region: [0, 10], warnings: [] })
    expect(checkRegion(recording, [2.5, 7.25])).toEqual({ region: [2.5, 7.25], warnings: [] })
  })

  test('an end up to 0.1 s past the recording is clipped with a warning', () => {
    const { region, warnings } = checkRegion(recording, [5, 10.1])
    expect(region).toEqual([5, 10])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('clipped from 10.1 s to 10 s')
  })

  test.each([
    [[5, 10.2], 'reaches past the end'],
    [[10, 11], 'begins after the end'],
    [[10, 10.05], 'begins after the end'],
    [[-1, 5], 'begins before'],
    [[5, 5], 'ends before it begins'],
    [[6, 5], 'ends before it begins'],
    [[0, NaN], 'not two numbers'],
    [[0, Infinity], 'not two numbers'],
  ] as const)('%j is refused', ([start, end], message) => {
    const check = () => checkRegion(recording, [start, end])
    expect(check).toThrow(expect.objectContaining({ code: 'bad-region' }) as Error)
    expect(check).toThrow(message)
  })
})
