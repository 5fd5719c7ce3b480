import { expect, test } from 'vitest'
import { maskSize, maskSound, type MaskFrame } from '../../src/signal/masked-stft.ts'
import { createRandom } from '../../src/signal/random.ts'
import { largestError } from '../golden/load.ts'

const noise = (length: number): Float32Array => {
  const random = createRandom(length)
  return Float32Array.from({ length }, () => random() - 0.5)
}
const masked = (samples: Float32Array, mask: MaskFrame, size = 1024): Float32Array => {
  const going = maskSound(samples, size, mask)
  for (;;) {
    const { done, value } = going.next()
    if (done) return value
  }
}
const energy = (samples: Float32Array): number => samples.reduce((sum, value) => sum + value * value, 0)

test.for([16_000, 1000, 1, 0])('a mask of ones gives back %i samples', (length) => {
  const sound = noise(length)
  expect(
    largestError(
      masked(sound, (_, into) => into.fill(1)),
      sound,
    ),
  ).toBeLessThan(1e-5)
})

test('what a mask and its inverse leave sums to the sound', () => {
  const sound = noise(9000)
  const mask: MaskFrame = (centre, into) => into.forEach((_, bin) => (into[bin] = Math.abs(Math.sin(centre + 7 * bin))))
  const inverse: MaskFrame = (centre, into) => {
    mask(centre, into)
    into.forEach((gain, bin) => (into[bin] = 1 - gain))
  }
  const [one, other] = [masked(sound, mask), masked(sound, inverse)]
  expect(
    largestError(
      one.map((value, i) => value + other[i]!),
      sound,
    ),
  ).toBeLessThan(1e-5)
})

test('of two tones the one outside the mask is gone', () => {
  const tone = (hertz: number) =>
    Float32Array.from({ length: 16_000 }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / 16_000))
  const low: MaskFrame = (_, into) => into.forEach((__, bin) => (into[bin] = bin < 128 ? 1 : 0)) // below 2 kHz
  expect(energy(masked(tone(500), low)) / energy(tone(500))).toBeGreaterThan(0.99)
  expect(energy(masked(tone(4000), low)) / energy(tone(4000))).toBeLessThan(1e-4)
})

test('frames are the greatest power of two of at most 64 ms', () => {
  expect([8000, 16_000, 24_000, 44_100, 48_000].map(maskSize)).toEqual([512, 1024, 1024, 2048, 2048])
})
