import { describe, expect } from 'vitest'
import { chooseDecoder } from '../../../src/engine/audio/decode.ts'
import { decodeRegion } from '../../../src/engine/audio/region-blocks.ts'
import { testNeeding } from '../../support/needs.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import { channelsOf, codecs, convert, put, putWav } from './material.ts'

const everything: [number, number] = [0, 1e12]

describe.each(codecs)('%s', (name, options) => {
  testNeeding('ffmpeg')('a region has exactly the samples that a slice of the whole decode has', async () => {
    const file = convert(putWav('in.wav', { seconds: 2.5 }), `regions.${name}`, ...options)
    for (const decoder of name === 'm4a' ? (['auto'] as const) : (['auto', 'built-in'] as const)) {
      const whole = await decodeRegion(file, everything, { decoder })
      const frames = whole[0]!.length
      for (const [start, end] of [
        [0, 1000],
        [1, 2],
        [30_000, 61_234],
        [frames - 700, frames],
        [frames - 10, frames + 1000],
      ] as const) {
        const part = await decodeRegion(file, [start, end], { decoder })
        part.forEach((samples, channel) => {
          const slice = whole[channel]!.slice(start, end)
          expect(Buffer.from(samples.slice().buffer).equals(Buffer.from(slice.buffer))).toBe(true)
        })
      }
    }
  })
})

const joined = (parts: Float32Array[][]): Buffer[] =>
  parts[0]!.map((_, channel) => Buffer.concat(parts.map((block) => Buffer.from(block[channel]!.slice().buffer))))

testNeeding('ffmpeg')('blocks that are lent hold what blocks to keep hold, while they are lent', async () => {
  for (const [name, options] of [codecs[0]!, codecs[1]!, codecs[2]!]) {
    const path = convert(putWav('in.wav', { seconds: 1.5 }), `lent.${name}`, ...options)
    const decoder = await chooseDecoder({ path, name })
    const [kept, lent]: [Float32Array[][], Float32Array[][]] = [[], []]
    for await (const block of (await decoder.start()).blocks) kept.push(block)
    for await (const block of (await decoder.start(undefined, true)).blocks) lent.push(block.map((one) => one.slice()))
    expect(kept.length).toBeGreaterThan(3)
    expect(joined(lent).every((bytes, channel) => bytes.equals(joined(kept)[channel]!))).toBe(true)
  }
})

/** How far two decoders of the same format may be apart: nothing where it is lossless, rounding where it is not. */
const tolerances: Record<string, number> = { wav: 0, flac: 0, mp3: 1e-5, ogg: 1e-5, opus: 3e-3 }
const builtIn = codecs.filter(([name]) => name in tolerances)

describe.each(builtIn)('%s without ffmpeg', (name, options) => {
  for (const rate of name === 'opus' ? [48_000] : [48_000, 44_100, 22_050])
    for (const channels of [1, 2])
      testNeeding('ffmpeg')(`${rate} Hz, ${channels} channels: the length and the samples of ffmpeg`, async () => {
        const source = putWav('in.wav', { rate, channels })
        const file = convert(source, `compare.${name}`, ...options)
        const ours = await decodeRegion(file, everything, { decoder: 'built-in' })
        const theirs = await decodeRegion(file, everything)
        expect(ours.map(({ length }) => length)).toEqual(theirs.map(({ length }) => length))
        expect(ours[0]!.length).toBe(channelsOf(rate, 1.2345, 1)[0]!.length)
        ours.forEach((samples, channel) => {
          const most = samples.reduce((sum, value, n) => Math.max(sum, Math.abs(value - theirs[channel]![n]!)), 0)
          expect(most).toBeLessThanOrEqual(tolerances[name]!)
        })
      })
})

testNeeding('ffmpeg')('MP3 encoder delay is trimmed: a click stays where it was', async () => {
  const click = new Float32Array(44_100)
  click[22_050] = 0.9
  const file = convert(put('click.wav', writeWav({ rate: 44_100, channels: [click] })), 'click.mp3', '-b:a', '128k')
  for (const decoder of ['auto', 'built-in'] as const) {
    const [samples] = await decodeRegion(file, everything, { decoder })
    expect(samples).toHaveLength(44_100)
    expect(Math.abs(samples!.indexOf(Math.max(...samples!)) - 22_050)).toBeLessThan(3)
  }
})
