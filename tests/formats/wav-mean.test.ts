import { expect, test } from 'vitest'
import { decodeWavFrames } from '../../src/formats/wav.ts'
import { decodeWavMean, hasWavMean } from '../../src/formats/wav-mean.ts'
import { mono } from '../../src/signal/mono.ts'

const sizes = { s16: 2, s24: 3 } as const
type Encoding = keyof typeof sizes

const layoutOf = (encoding: Encoding, channels: number) => ({
  channels,
  encoding,
  frameBytes: channels * sizes[encoding],
})
/** pairs of the least, the greatest and those about zero, then noise: 2,136 samples */
const samples = (encoding: Encoding): Uint8Array => {
  const size = sizes[encoding]
  const least = -(2 ** (8 * size - 1))
  const ends = [least, least + 1, -256, -1, 0, 1, 255, -least - 1]
  const noise = Array.from({ length: 2008 }, (_, n) => ((n * 7_654_321 + 12_345) % (2 ** (8 * size) - 1)) + least)
  const numbers = [...ends.flatMap((left) => ends.flatMap((right) => [left, right])), ...noise]
  return Uint8Array.from(numbers.flatMap((number) => [0, 8, 16].slice(0, size).map((shift) => (number >> shift) & 255)))
}

test.each([2, 4, 6])('of %i channels it is that of what is decoded, bit for bit', (channels) => {
  for (const encoding of ['s16', 's24'] as const) {
    const [layout, bytes] = [layoutOf(encoding, channels), samples(encoding)]
    const expected = mono(decodeWavFrames(layout, bytes))
    expect(decodeWavMean(layout, bytes)).toEqual(expected)
    // at an odd address, with a part of a frame behind the last
    const moved = new Uint8Array(bytes.length + 3)
    moved.set(bytes, 1)
    const into = new Float32Array(expected.length)
    expect(decodeWavMean(layout, moved.subarray(1), into)).toBe(into)
    expect(into).toEqual(expected)
  }
})

test('there is none of an odd number of channels, or of numbers that float32 rounds', () => {
  const others = [
    { channels: 1, encoding: 's16', frameBytes: 2 },
    { channels: 3, encoding: 's24', frameBytes: 9 },
    { channels: 2, encoding: 's32', frameBytes: 8 },
    { channels: 2, encoding: 'f32', frameBytes: 8 },
  ] as const
  for (const other of others) {
    expect(hasWavMean(other)).toBe(false)
    expect(() => decodeWavMean(other, new Uint8Array(0))).toThrow('no mean')
  }
})
