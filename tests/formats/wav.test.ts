import { describe, expect, test } from 'vitest'
import { decodeWavFrames, readWavLayout, WavEncodingError, writeWav, type WavLayout } from '../../src/formats/wav.ts'

const layoutOf = (file: Uint8Array): WavLayout =>
  readWavLayout((offset, length) => file.subarray(offset, offset + length), file.length)
const decode = (file: Uint8Array): Float32Array[] => {
  const layout = layoutOf(file)
  return decodeWavFrames(layout, file.subarray(layout.dataStart, layout.dataStart + layout.frames * layout.frameBytes))
}

/** A WAV file by hand: chunks of text id and bytes. */
const wav = (chunks: [id: string, bytes: number[] | Uint8Array, length?: number][], riff = 'RIFF'): Uint8Array => {
  const parts = [...`${riff}\xff\xff\xff\xffWAVE`].map((letter) => letter.charCodeAt(0))
  for (const [id, bytes, length = bytes.length] of chunks) {
    const size = new Uint8Array(Uint32Array.of(length).buffer)
    parts.push(...[...id].map((letter) => letter.charCodeAt(0)), ...size, ...bytes)
    if (bytes.length % 2) parts.push(0)
  }
  return Uint8Array.from(parts)
}
const format = (tag: number, channels: number, bits: number): number[] => {
  const block = (channels * bits) / 8
  return [...new Uint8Array(Uint16Array.of(tag, channels, 16_000, 0, 16_000, 0, block, bits).buffer)]
}

const sound = { rate: 22_050, channels: [Float32Array.of(0, 0.5, -1, 0.25), Float32Array.of(1, -0.5, 2, -3)] }

describe('writing', () => {
  test('float32 comes back as it was', () => {
    expect(decode(writeWav(sound, 'f32'))).toEqual(sound.channels)
    expect(layoutOf(writeWav(sound, 'f32'))).toMatchObject({ rate: 22_050, channels: 2, frames: 4, framesPromised: 4 })
  })

  test('16 bits round to the nearest step and clip what is too loud', () => {
    const [left, right] = decode(writeWav(sound))
    expect([...left!]).toEqual([0, 0.5, -1, 0.25])
    expect([...right!]).toEqual([32_767 / 32_768, -0.5, 32_767 / 32_768, -1])
  })

  test('no sound is a valid file of no frames', () => {
    expect(layoutOf(writeWav({ rate: 8000, channels: [new Float32Array(0)] })).frames).toBe(0)
  })
})

describe('reading', () => {
  test.each([
    [1, 8, [0, 128, 255], [-1, 0, 127 / 128]],
    [1, 16, [0, 128, 255, 127], [-1, 32_767 / 32_768]],
    [1, 24, [0, 0, 128, 255, 255, 127], [-1, 8_388_607 / 8_388_608]],
    [1, 32, [0, 0, 0, 128], [-1]],
    [3, 32, [...new Uint8Array(Float32Array.of(1.5).buffer)], [1.5]],
    [3, 64, [...new Uint8Array(Float64Array.of(-2.5).buffer)], [-2.5]],
  ])('format %i of %i bits', (tag, bits, data, samples) => {
    const [decoded] = decode(
      wav([
        ['fmt ', format(tag, 1, bits)],
        ['data', data],
      ]),
    )
    expect([...decoded!]).toEqual(samples.map(Math.fround))
  })

  test('the extensible form says its format in its GUID, and other chunks may lie between', () => {
    const guid = [22, 0, 16, 0, 3, 0, 0, 0, 3, 0, ...new Array<number>(14).fill(0)]
    const file = wav([
      ['JUNK', [1, 2, 3]],
      ['fmt ', [...format(0xfffe, 1, 32), ...guid]],
      ['LIST', [1]],
      ['data', [...new Uint8Array(Float32Array.of(0.75).buffer)]],
    ])
    expect([...decode(file)[0]!]).toEqual([0.75])
  })

  test.each([0, 0xffffffff])('a stream that leaves its length at %i goes to the end of the file', (length) => {
    const layout = layoutOf(
      wav([
        ['fmt ', format(1, 1, 16)],
        ['data', [0, 0, 0, 0], length],
      ]),
    )
    expect(layout).toMatchObject({ frames: 2, framesPromised: null })
  })

  test('RF64 keeps its length in a chunk of its own', () => {
    const sizes = new Uint8Array(BigUint64Array.of(0n, 4n, 2n).buffer)
    const chunks: [string, number[] | Uint8Array, number?][] = [
      ['ds64', sizes],
      ['fmt ', format(1, 1, 16)],
      ['data', [0, 0, 0, 0, 9, 9], 0xffffffff],
    ]
    expect(layoutOf(wav(chunks, 'RF64'))).toMatchObject({ frames: 2, framesPromised: 2 })
  })

  test('RF64 of a recorder that was cut off before it wrote the length goes to the end of the file', () => {
    const chunks: [string, number[] | Uint8Array, number?][] = [
      ['ds64', new Uint8Array(24)],
      ['fmt ', format(1, 1, 16)],
      ['data', [0, 0, 0, 0, 9, 9], 0xffffffff],
    ]
    expect(layoutOf(wav(chunks, 'RF64'))).toMatchObject({ frames: 3, framesPromised: null })
  })

  test.each([
    ['samples alone', 0],
    ['other chunks behind them', 5000],
  ])('a length that began again at 0 behind 4 GB is that of what is there: %s', (_, behind) => {
    const [wrapped, lost] = [1000, 2 ** 33]
    const head = wav([
      ['fmt ', format(1, 1, 16)],
      ['data', [], wrapped],
    ])
    const read = (offset: number, length: number): Uint8Array => head.subarray(offset, offset + length)
    const size = head.length + lost + wrapped + behind
    const frames = (lost + wrapped) / 2
    expect(readWavLayout(read, size)).toMatchObject({ frames, framesPromised: frames })
    // much more than chunks have is no such file
    expect(readWavLayout(read, size + 2 ** 24)).toMatchObject({ frames: wrapped / 2 })
  })

  test('a truncated file has the frames that are there and says how many were promised', () => {
    const whole = writeWav({ rate: 8000, channels: [new Float32Array(100)] })
    expect(layoutOf(whole.subarray(0, 44 + 61))).toMatchObject({ frames: 30, framesPromised: 100 })
  })
})

test('24 bits of any number of channels are the numbers that they are', () => {
  for (const channels of [1, 2, 3, 4, 6]) {
    const numbers = Array.from({ length: 7 * channels }, (_, n) => ((n * 7_654_321 + 12_345) % (2 ** 24 - 1)) - 2 ** 23)
    const bytes = Uint8Array.from(numbers.flatMap((number) => [0, 8, 16].map((shift) => (number >> shift) & 255)))
    const decoded = decodeWavFrames({ channels, encoding: 's24', frameBytes: 3 * channels }, bytes)
    const wanted = (channel: number) =>
      numbers.filter((_, n) => n % channels === channel).map((value) => value / 2 ** 23)
    expect(decoded.map((one) => [...one])).toEqual(decoded.map((_, channel) => wanted(channel)))
  }
})

describe('what is refused', () => {
  test('compressed samples, by a class of their own', () => {
    expect(() =>
      layoutOf(
        wav([
          ['fmt ', format(7, 1, 8)],
          ['data', [0]],
        ]),
      ),
    ).toThrow(WavEncodingError)
  })
  test.each([
    ['text', new TextEncoder().encode('this is no sound at all'), 'does not begin'],
    ['no format', wav([['data', [0, 0]]]), 'before its fmt'],
    ['no data', wav([['fmt ', format(1, 1, 16)]]), 'no data chunk'],
    [
      'a short format',
      wav([
        ['fmt ', [1, 0]],
        ['data', []],
      ]),
      'too short',
    ],
    [
      'no channels',
      wav([
        ['fmt ', format(1, 0, 16)],
        ['data', []],
      ]),
      '0 channels',
    ],
  ])('%s', (_, file, message) => {
    expect(() => layoutOf(file)).toThrow(message)
  })
})
