import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileHash } from '../../../src/contract/recording.ts'
import { readClip } from '../../../src/engine/audio/clip.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { testNeeding } from '../../support/needs.ts'
import { starters } from '../../support/models.ts'
import { channelsOf, convert, put } from './material.ts'

const work = mkdtempSync(join(tmpdir(), 'otoscope-channels-'))
let engine: Engine
beforeAll(async () => {
  engine = await createEngine({ cacheFolder: join(work, 'cache'), threads: 1, host: 'a test' })
})
afterAll(async () => {
  await engine.close()
  rmSync(work, { recursive: true })
})
const rate = 16_000
const four = channelsOf(rate, 2, 4)
const fourWav = (): string => put('four.wav', writeWav({ rate, channels: four }, 'f32'))

testNeeding('ffmpeg')('a channel is heard alone, whatever decodes it', async () => {
  for (const path of [fourWav(), convert(fourWav(), 'four.flac', '-c:a', 'flac')]) {
    const whole = await openRecording(path)
    const third = await openRecording(path, { channel: 2 })
    expect(third.recording).toMatchObject({
      channels: 1,
      channel: { number: 2, of: 4 },
      frames: whole.recording.frames,
    })
    expect(third.recording.name).toMatch(/ \(channel 2\)$/)
    expect(fileHash(third.recording)).toBe(whole.recording.id)
    const { samples } = await readClip(path, third.recording, [0.5, 1], rate)
    const wanted = four[2]!.subarray(8000, 16_000)
    expect(samples.every((value, i) => Math.abs(value - wanted[i]!) < 2e-5)).toBe(true)
  }
  await expect(openRecording(fourWav(), { channel: 4 })).rejects.toMatchObject({
    code: 'bad-input',
    message: 'four.wav has no channel 4: it has 4, from 0 on',
  })
})

test('split, each is a recording with a waveform, a sound and runs of its own', async () => {
  const { engine: client, host } = engine.client
  const two = channelsOf(rate, 2, 2)
  two[1]!.fill(0, 0, rate)
  const mix = await host['files.open']({ path: put('two.wav', writeWav({ rate, channels: two }, 'f32')) })
  const [left, right] = await client['recordings.split']({ recording: mix.id })
  expect([left!.name, right!.name]).toEqual(['two.wav (left)', 'two.wav (right)'])
  const peaksOf = async (recording: string) =>
    (await client['recordings.peaks']({ recording, range: [0, 0.9], columns: 4 })).max
  expect([...(await peaksOf(right!.id))]).toEqual([0, 0, 0, 0])
  expect(Math.min(...(await peaksOf(left!.id)))).toBeGreaterThan(0.2)
  const ids = [mix, left!, right!].map(async ({ id }) => {
    const run = await client['runs.start']({ recording: id, region: [0, 2], model: starters.wav2vec2 })
    return run.id
  })
  expect(new Set(await Promise.all(ids)).size).toBe(3)
  await expect(client['recordings.split']({ recording: left!.id })).rejects.toMatchObject({ code: 'bad-input' })
})

test('one of many is opened alone; all of very many are not opened at once', async () => {
  const { engine: client, host } = engine.client
  const many = Array.from({ length: 65 }, (_, channel) => new Float32Array(100).fill(channel / 100))
  const mix = await host['files.open']({ path: put('many.wav', writeWav({ rate, channels: many }, 'f32')) })
  const [alone, ...others] = await client['recordings.split']({ recording: mix.id, channel: 50 })
  expect(others).toEqual([])
  expect(alone).toMatchObject({ name: 'many.wav (channel 50)', channel: { number: 50, of: 65 } })
  const { max } = await client['recordings.peaks']({ recording: alone!.id, range: [0, 1], columns: 1 })
  expect(max[0]).toBeCloseTo(0.5)
  await expect(client['recordings.split']({ recording: mix.id })).rejects.toMatchObject({
    code: 'bad-input',
    message: 'many.wav has 65 channels: open those you want one by one',
  })
  await expect(client['recordings.split']({ recording: mix.id, channel: 65 })).rejects.toMatchObject({
    code: 'bad-input',
    message: 'many.wav has no channel 65: it has 65, from 0 on',
  })
})
