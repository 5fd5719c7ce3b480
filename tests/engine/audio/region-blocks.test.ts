import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, vi } from 'vitest'
import type { Opened } from '../../../src/engine/audio/audio.ts'
import { chooseDecoder, joinBlocks, startDecoding } from '../../../src/engine/audio/decode.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { decodeRegion } from '../../../src/engine/audio/region-blocks.ts'
import { trimBlocks } from '../../../src/engine/audio/trim.ts'
import { startWav } from '../../../src/formats/wav.ts'
import { indexOfMost } from '../../../src/signal/reduce.ts'
import { ffmpegPath, testNeeding } from '../../support/needs.ts'
import { convert, folder, put, putWav } from './material.ts'

// an encoder on a busy machine is slow
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const rate = 44_100
const seconds = 32
/** samples of full scale in both channels, far from each other; the last ones behind where all is decoded from the beginning */
const clicks = [100, 44_100 * 15 + 7, 44_100 * 21 + 20_011, 44_100 * 29 + 1]
let source: string

beforeAll(() => {
  const file = startWav({ rate, channels: 2, frames: rate * seconds })
  let state = 1
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return 0.02 * (state / 2 ** 31 - 1)
  }
  const step = rate * 8
  for (let first = 0; first < rate * seconds; first += step) {
    const tone = (hertz: number): Float32Array =>
      Float32Array.from(
        { length: step },
        (_, n) => 0.1 * Math.sin((2 * Math.PI * hertz * (first + n)) / rate) + noise(),
      )
    const block = [tone(300), tone(500)]
    for (const at of clicks) if (at >= first && at < first + step) block.forEach((one) => (one[at - first] = 0.98))
    file.put(block, first)
  }
  source = put('source.wav', file.bytes)
  // one process for all of them
  const outputs = files.flatMap(({ name, options }) => [...options, join(folder, name)])
  const { status, stderr } = spawnSync(ffmpegPath, ['-v', 'error', '-y', '-i', source, ...outputs], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
})

/** `seek`: what a seek gives is bit for bit what the whole decode has there, else the whole way must be gone; `within`: samples that a click may be moved by */
const files: { name: string; options: string[]; seek: boolean; within?: number }[] = [
  { name: 'a.wav', options: ['-c:a', 'pcm_s24le'], seek: true, within: 0 },
  { name: 'a.flac', options: ['-c:a', 'flac'], seek: true, within: 0 },
  { name: 'cbr.mp3', options: ['-c:a', 'libmp3lame', '-b:a', '128k'], seek: true, within: 0 },
  { name: 'vbr.mp3', options: ['-c:a', 'libmp3lame', '-q:a', '4'], seek: true, within: 0 },
  { name: 'plain.mp3', options: ['-c:a', 'libmp3lame', '-b:a', '128k', '-write_xing', '0'], seek: true },
  { name: 'plain-vbr.mp3', options: ['-c:a', 'libmp3lame', '-q:a', '4', '-write_xing', '0'], seek: true },
  { name: 'a.m4a', options: ['-c:a', 'aac', '-aac_pns', '0'], seek: true, within: 2 },
  // noise that the decoder makes up is other noise after a seek
  { name: 'noise.m4a', options: ['-c:a', 'aac', '-b:a', '128k'], seek: false, within: 2 },
  { name: 'a.ogg', options: ['-c:a', 'libvorbis'], seek: true, within: 0 },
  { name: 'a.opus', options: ['-c:a', 'libopus'], seek: false },
  // its timestamps are whole milliseconds
  { name: 'flac.mka', options: ['-c:a', 'flac'], seek: false, within: 0 },
  { name: 'vorbis.mkv', options: ['-c:a', 'libvorbis'], seek: false, within: 0 },
  { name: 'a.webm', options: ['-c:a', 'libopus'], seek: false },
]

/** The whole decode: a file is decoded once for all slices of it. */
let whole: { path: string; channels: Float32Array[] } | null = null
const sliceOf = async (path: string, start: number, end: number): Promise<Float32Array[]> => {
  if (whole?.path !== path) {
    const { blocks, channels } = await startDecoding(path)
    whole = { path, channels: await joinBlocks(blocks, channels) }
  }
  return whole.channels.map((samples) => samples.subarray(start, end))
}
const bits = (channels: Float32Array[]): Buffer[] => channels.map((one) => Buffer.from(one.slice().buffer))
const equal = (a: Float32Array[], b: Float32Array[]): boolean =>
  a.length === b.length && bits(a).every((one, i) => one.equals(bits(b)[i]!))

describe.each(files)('$name', ({ name, seek, within }) => {
  let path: string
  let opened: Opened
  const regions = (): [number, number][] => {
    const { frames, rate } = opened.recording
    return [
      [12 * rate + 1, 13 * rate],
      [21 * rate + 12_345, 22 * rate + 17],
      [frames - 2 * rate - 3, frames],
    ]
  }
  testNeeding('ffmpeg')('any region is the slice of the whole decode, with its clicks where they were', async () => {
    path = join(folder, name)
    opened = await openRecording(path)
    for (const [start, end] of regions()) {
      const slice = await sliceOf(path, start, end)
      expect(equal(await decodeRegion(path, [start, end], { opened }), slice), `${start}`).toBe(true)
    }
    if (within === undefined) return
    for (const at of clicks.slice(1)) {
      const [left] = await decodeRegion(path, [at - 1000, at + 1000], { opened })
      expect(Math.abs(indexOfMost([...left!.map(Math.abs)]) - 1000)).toBeLessThanOrEqual(within)
    }
  })

  testNeeding('ffmpeg')(
    seek ? 'a seek gives those samples' : 'a seek gives others, so it is not believed',
    async () => {
      const decoder = await chooseDecoder({ path, name })
      const { rate } = opened.recording
      const found: boolean[] = []
      for (const [start, end] of regions()) {
        const decoding = await (decoder.startAt ? decoder.startAt(start) : decoder.seek!(start, rate))
        const there = await joinBlocks(trimBlocks(decoding.blocks, 0, end - start), decoding.channels)
        found.push(equal(there, await sliceOf(path, start, end)))
      }
      expect(found.every(Boolean)).toBe(seek)
    },
  )
})

testNeeding('ffmpeg')(
  'for eyes and ears a predictive codec is sought as well, and is as close as is said',
  async () => {
    const path = join(folder, 'a.opus')
    const opened = await openRecording(path)
    const [start, end] = [20 * 48_000, 21 * 48_000]
    const close = await decodeRegion(path, [start, end], { opened, likeness: 'close' })
    const slice = await sliceOf(path, start, end)
    expect(close.map(({ length }) => length)).toEqual(slice.map(({ length }) => length))
    const furthest = close.map((one, i) => one.reduce((most, v, n) => Math.max(most, Math.abs(v - slice[i]![n]!)), 0))
    for (const most of furthest) expect(most).toBeLessThan(0.01)
  },
)

testNeeding('ffmpeg')('where the overview says otherwise the whole way is gone', async () => {
  const path = convert(source, 'doubted.flac', '-c:a', 'flac', '-t', '26')
  const opened = await openRecording(path)
  const prints = opened.overview.prints.slice()
  // one bucket in the middle of the region
  prints[Math.floor((20.5 * rate) / 256)]! ^= 1
  const doubted = { ...opened, overview: { ...opened.overview, prints } }
  const region: [number, number] = [20 * rate + 5, 24 * rate]
  expect(equal(await decodeRegion(path, region, { opened: doubted }), await sliceOf(path, ...region))).toBe(true)
})

testNeeding('ffmpeg')('plain WAV is read as ffmpeg reads it, in every encoding', async () => {
  const wav = putWav('plain.wav', { seconds: 1 })
  for (const codec of ['pcm_u8', 'pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_f64le']) {
    const path = convert(wav, `${codec}.wav`, '-c:a', codec)
    const [left, right] = await sliceOf(path, 0, Infinity)
    const raw = spawnSync(ffmpegPath, ['-v', 'error', '-i', path, '-f', 'f32le', '-'], { maxBuffer: 2 ** 24 }).stdout
    const theirs = new Float32Array(new Uint8Array(raw).buffer)
    expect(left!.length * 2, codec).toBe(theirs.length)
    expect(
      left!.every((value, n) => value === theirs[2 * n] && right![n] === theirs[2 * n + 1]),
      codec,
    ).toBe(true)
  }
})
