import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  rawEncodings,
  rawFrameBytes,
  readRawText,
  rawText,
  type RawEncoding,
} from '../../../src/contract/raw-format.ts'
import type { RawFile } from '../../../src/contract/raw.ts'
import { guessRaw } from '../../../src/engine/audio/guess-raw.ts'
import { decodeRegion } from '../../../src/engine/audio/region-blocks.ts'
import { createSounds } from '../../../src/engine/audio/sounds.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { decodeWavFrames, readWavLayout } from '../../../src/formats/wav.ts'
import { testNeeding } from '../../support/needs.ts'

/** Files without a header: every format, bytes before and behind, and a file that waits to be asked about. */

const withFfmpeg = testNeeding('ffmpeg')
const folder = mkdtempSync(join(tmpdir(), 'otoscope-raw-'))
afterAll(() => rmSync(folder, { recursive: true }))
const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

/** One sample of a half, or silence, in bytes. */
const written = (encoding: RawEncoding, loud: boolean): number[] => {
  if (encoding === 'mulaw') return [loud ? 0x8f : 0xff]
  if (encoding === 'alaw') return [loud ? 0xa5 : 0xd5]
  const [, kind, digits, order] = /^(.)(\d+)(.*)$/.exec(encoding)!
  const bits = Number(digits)
  const view = new DataView(new ArrayBuffer(8))
  const little: number[] = []
  if (kind === 'f') {
    if (bits === 32) view.setFloat32(0, loud ? 0.5 : 0, true)
    else view.setFloat64(0, loud ? 0.5 : 0, true)
  } else {
    const half = 2n ** BigInt(bits - 2)
    const zero = kind === 'u' ? 2n ** BigInt(bits - 1) : 0n
    view.setBigUint64(0, zero + (loud ? half : 0n), true)
  }
  for (let i = 0; i < bits / 8; i++) little.push(view.getUint8(i))
  return order === 'be' ? little.toReversed() : little
}
const [rate, frames, clicks] = [16_000, 9000, [123, 5001, 8999]]
/** two channels: clicks in the second one, odd bytes before and behind */
const bytesOf = (encoding: RawEncoding, before: number, behind: number): Uint8Array => {
  const [quiet, loud] = [written(encoding, false), written(encoding, true)]
  const sound = Array.from({ length: frames }, (_, n) => [...quiet, ...(clicks.includes(n) ? loud : quiet)]).flat()
  return Uint8Array.from([...Array<number>(before).fill(7), ...sound, ...Array<number>(behind).fill(9)])
}

describe('samples without a header', () => {
  for (const encoding of rawEncodings)
    withFfmpeg(`${encoding}: clicks are where they are, after skipping, in a stretch too`, async () => {
      const sounds = createSounds()
      const frameBytes = rawFrameBytes({ encoding, channels: 2 })
      const path = put(`${encoding}.raw`, bytesOf(encoding, 13, frameBytes - 1))
      const raw = { encoding, rate, channels: 2, skip: 13 }
      const recording = await sounds.open(path, { raw })
      expect(recording).toMatchObject({ frames, rate, channels: 2, raw, codec: `pcm_${encoding}`, warnings: [] })
      expect(recording.id.slice(64)).toBe(`~${encoding}:16000:2:13`)
      const read = async (from: number): Promise<Float32Array[]> => {
        const { bytes } = await sounds.audio(recording.id, [from / rate, recording.seconds])
        const layout = readWavLayout((at, length) => bytes.subarray(at, at + length), bytes.length)
        return decodeWavFrames(layout, bytes.subarray(layout.dataStart))
      }
      for (const from of [0, 5000]) {
        const [left, right] = (await read(from)) as [Float32Array, Float32Array]
        const found = [...right.keys()].filter((n) => Math.abs(right[n]!) > 0.2)
        expect(found.map((n) => n + from)).toEqual(clicks.filter((n) => n >= from))
        expect(right[found[0]!]).toBeCloseTo(0.5, 1)
        expect(left.every((value) => Math.abs(value) < 0.01)).toBe(true)
      }
      if (encoding !== 's24be') return
      // begun in its middle, and a channel of it
      const [, right] = await decodeRegion(path, [4999, 5003], { raw })
      expect([...right!]).toEqual([0, 0, 0.5, 0])
      const one = await sounds.open(path, { raw, channel: 1 })
      expect(one.id.slice(64)).toBe(`~${encoding}:16000:2:13.1`)
      expect(one.channels).toBe(1)
    })

  withFfmpeg('nothing, and less than a frame, is said to be nothing', async () => {
    const sounds = createSounds()
    const raw = { encoding: 's16le' as const, rate, channels: 2, skip: 0 }
    await expect(sounds.open(put('empty.raw', new Uint8Array(0)), { raw })).rejects.toMatchObject({
      message: 'empty.raw is empty (0 bytes)',
    })
    await expect(sounds.open(put('three.raw', Uint8Array.of(1, 2, 3)), { raw })).rejects.toMatchObject({
      code: 'bad-recording',
      message: 'three.raw has 3 bytes: behind the 0 that are skipped there is no whole frame of 4',
    })
    await expect(
      sounds.open(put('skipped.raw', new Uint8Array(100)), { raw: { ...raw, skip: 200 } }),
    ).rejects.toMatchObject({ code: 'bad-recording' })
  })
})

describe('a file that waits', () => {
  let engine: Engine
  let waiting: RawFile[] = []
  const cache = mkdtempSync(join(tmpdir(), 'otoscope-raw-cache-'))
  beforeEach(async () => {
    engine = await createEngine({ cacheFolder: cache, threads: 1, host: 'a test' })
    engine.client.engine['raw.waiting']((list) => (waiting = list))
  })
  afterEach(() => engine.close())
  afterAll(() => rmSync(cache, { recursive: true }))
  const sine = (hertz: number): Uint8Array => {
    const samples = Int16Array.from({ length: 3 * rate }, (_, n) => 16_000 * Math.sin((2 * Math.PI * hertz * n) / rate))
    return new Uint8Array(samples.buffer)
  }

  withFfmpeg(
    'is previewed, opened, remembered by its content, and read in another way as another recording',
    async () => {
      const { engine: client, host } = engine.client
      const path = put('take 16000.raw', sine(440))
      const asked = host['files.open']({ path, ask: true })
      await expect(asked).rejects.toMatchObject({
        code: 'bad-recording',
        detail: { rawFile: { name: 'take 16000.raw' } },
      })
      await expect.poll(() => waiting.length).toBe(1)
      const { id: file, guess } = waiting[0]!
      expect(guess).toEqual({ encoding: 's16le', rate, channels: 1, skip: 0 })
      const preview = await client['raw.preview']({ file, format: { ...guess, skip: 1 }, columns: 100 })
      expect(preview).toMatchObject({ frames: 3 * rate - 1, rest: 1, peaks: { range: [0, 3 - 1 / rate] } })
      const right = await client['raw.preview']({ file, format: guess, columns: 100 })
      expect(Math.max(...right.peaks.max)).toBeCloseTo(16_000 / 32_768, 3)
      await expect(client['raw.preview']({ file, format: { ...guess, rate: 0 }, columns: 100 })).rejects.toMatchObject({
        code: 'bad-input',
        message: 'format.rate: a rate in Hz is a whole number from 1000 to 768000',
      })
      const recording = await client['raw.open']({ file, format: guess })
      expect(recording).toMatchObject({ name: 'take 16000.raw', seconds: 3 })
      expect(waiting).toEqual([])

      // the same bytes under another name are not asked about; read in another way they are another recording
      const again = await host['files.open']({ path: put('copy.bin', sine(440)), ask: true })
      expect(again.id).toBe(recording.id)
      await client['raw.again']({ recording: recording.id })
      await expect.poll(() => waiting[0]?.guess).toEqual(guess)
      const other = await client['raw.open']({ file: waiting[0]!.id, format: { ...guess, rate: 8000 } })
      expect(other).toMatchObject({ seconds: 6 })
      expect(other.id).not.toBe(recording.id)
      expect(await client['recordings.list']({})).toHaveLength(2)

      // a model hears it as any other
      const run = await client['runs.start']({ recording: recording.id, region: [0, 1], model: 'wav2vec2-starter' })
      expect(run.samples).toBe(16_000)
    },
  )

  withFfmpeg(
    'where nobody can be asked it is said how to say it; a damaged file with a known name is said to be damaged',
    async () => {
      const { host } = engine.client
      await expect(host['files.open']({ path: put('tone.pcm', sine(300)) })).rejects.toMatchObject({
        message: expect.stringContaining('has no header') as unknown,
      })
      const broken = put('broken.mp3', sine(310))
      await expect(host['files.open']({ path: broken, ask: true })).rejects.toMatchObject({ detail: {} })
      expect(waiting).toEqual([])
    },
  )
})

describe('a first guess', () => {
  const guess = async (name: string, bytes: Uint8Array) => guessRaw(put(name, bytes), name)
  const floats = Float32Array.from({ length: 9000 }, (_, n) => 0.3 * Math.sin(n / 9))
  const whole = Int16Array.from(floats, (value) => value * 32_767)
  test('is made of name and bytes', async () => {
    expect(await guess('a.raw', new Uint8Array(floats.buffer))).toMatchObject({ encoding: 'f32le', rate: 48_000 })
    expect(await guess('b 44100 stereo.raw', new Uint8Array(whole.buffer))).toEqual({
      ...{ encoding: 's16le', rate: 44_100, channels: 2, skip: 0 },
    })
    const turned = new Uint8Array(whole.buffer).map((_, i, all) => all[i ^ 1]!)
    expect(await guess('c.bin', turned)).toMatchObject({ encoding: 's16be' })
    expect(await guess('d.ulaw', new Uint8Array(9))).toMatchObject({ encoding: 'mulaw', rate: 8000 })
  })
})

test('the text of a format is read as it was written, and others are a sentence', () => {
  for (const text of ['s16le:48000:2', 'f64be:1000:64:44', 'alaw:8000:1']) {
    const read = readRawText(text)
    expect(typeof read === 'string' ? read : rawText(read)).toBe(text)
  }
  for (const text of [
    '',
    's16le',
    's16le:48000',
    's16:48000:2',
    's16le:4.5:2',
    's16le:48000:0',
    's16le:1:2:3:4',
    's16le:48000:2:-1',
  ])
    expect(readRawText(text), text).toBeTypeOf('string')
})
