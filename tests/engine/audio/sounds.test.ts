import { describe, expect, test } from 'vitest'
import { createSounds } from '../../../src/engine/audio/sounds.ts'
import { decodeWavFrames, readWavLayout, writeWav } from '../../../src/formats/wav.ts'
import { put, putWav } from './material.ts'

const rate = 16_000
/** five seconds of silence with a click of 0.9 at 2 s */
const click = (): string => {
  const samples = new Float32Array(5 * rate)
  samples[2 * rate] = 0.9
  return put('click.wav', writeWav({ rate, channels: [samples, samples] }, 'f32'))
}

// the second is too small for the recording, the third for anything
describe.each([256e6, 600_000, 1000])('with a budget of %i bytes', (budgetBytes) => {
  test('the waveform shows a click in its column, near and far', async () => {
    const sounds = createSounds({ budgetBytes })
    const { id } = await sounds.open(click())
    const far = await sounds.peaks(id, [0, 5], 10)
    expect(far.max[4]).toBeCloseTo(0.9, 6)
    expect([...far.max.slice(0, 4), ...far.max.slice(5)].every((value) => value === 0)).toBe(true)
    const near = await sounds.peaks(id, [1.99, 2.01], 320)
    expect(near.max.indexOf(Math.max(...near.max))).toBe(160)
    expect(near).toMatchObject({ range: [1.99, 2.01] })
  })

  test('the sound of a region is a WAV file of 16 bits at the native rate', async () => {
    const sounds = createSounds({ budgetBytes })
    const { id } = await sounds.open(click())
    const { bytes, mime, name } = await sounds.audio(id, [1.5, 2.5])
    const layout = readWavLayout((offset, length) => bytes.subarray(offset, offset + length), bytes.length)
    expect(layout).toMatchObject({ rate, channels: 2, frames: rate, encoding: 's16' })
    expect([mime, name]).toEqual(['audio/wav', 'click.wav.wav'])
    const [left] = decodeWavFrames(layout, bytes.subarray(layout.dataStart))
    expect(left![rate / 2]).toBeCloseTo(0.9, 4)
  })
})

test('the same content is one recording, whatever its name', async () => {
  const sounds = createSounds()
  await sounds.open(putWav('one.wav', { seconds: 0.2 }))
  await sounds.open(putWav('two.wav', { seconds: 0.2 }), { name: 'shown.wav', sample: true })
  expect(sounds.list()).toMatchObject([{ name: 'shown.wav', sample: true }])
})

test('ranges past the end are silent or empty, and never fail', async () => {
  const sounds = createSounds()
  const { id } = await sounds.open(putWav('short.wav', { rate, seconds: 0.01 }))
  expect([...(await sounds.peaks(id, [5, 6], 2)).max]).toEqual([0, 0])
  expect((await sounds.audio(id, [5, 6])).bytes).toHaveLength(44)
})

test('a closed or unknown recording is not found', async () => {
  const sounds = createSounds()
  const { id } = await sounds.open(putWav('closing.wav', { seconds: 0.2 }))
  expect(sounds.close(id)).toBe(true)
  expect(sounds.close(id)).toBe(false)
  await expect(sounds.peaks(id, [0, 1], 10)).rejects.toMatchObject({ code: 'not-found' })
})

test('a question given up leaves the shared decoding to others', async () => {
  const sounds = createSounds()
  const { id } = await sounds.open(putWav('shared.wav', { seconds: 20 }))
  const controller = new AbortController()
  const first = sounds.peaks(id, [1, 1.1], 100, controller.signal)
  const second = sounds.peaks(id, [2, 2.1], 100)
  controller.abort()
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  expect((await second).max.some((value) => value > 0)).toBe(true)
})

test('two questions about distant stretches of a long recording are both answered', async () => {
  const sounds = createSounds({ budgetBytes: 1e6 })
  const { id } = await sounds.open(putWav('long.wav', { seconds: 20 }))
  const answers = await Promise.all([sounds.peaks(id, [1, 1.1], 100), sounds.peaks(id, [15, 15.1], 100)])
  for (const { max } of answers) expect(Math.max(...max)).toBeGreaterThan(0)
})
