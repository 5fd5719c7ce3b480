import { describe, expect, test } from 'vitest'
import { framesNeeded, resample, resampledLength, resampleRange } from '../../src/signal/resample.ts'

const sine = (hertz: number, rate: number, frames: number): Float32Array =>
  Float32Array.from({ length: frames }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / rate))

/** Power of what a sine of `hertz` becomes, in dB, away from the edges; with `except` only what is not at that frequency. */
const gain = (hertz: number, from: number, to: number, except?: number): number => {
  const out = resample(sine(hertz, from, from / 2), from, to)
  const middle = out.subarray(Math.floor(out.length * 0.25), Math.floor(out.length * 0.25) + Math.floor(to / 5))
  let [re, im, all] = [0, 0, 0]
  middle.forEach((value, n) => {
    const angle = (2 * Math.PI * (except ?? 0) * n) / to
    re += value * Math.cos(angle)
    im -= value * Math.sin(angle)
    all += value * value
  })
  const kept = except === undefined ? 0 : (2 * (re * re + im * im)) / middle.length
  return 10 * Math.log10(Math.max(1e-20, (2 * (all - kept)) / middle.length))
}

const ratios: [number, number][] = [
  [44_100, 16_000],
  [48_000, 16_000],
  [96_000, 16_000],
  [192_000, 16_000],
  [22_050, 16_000],
  [44_056, 16_000],
  [8_000, 16_000],
  [11_025, 16_000],
]

describe.each(ratios)('from %i to %i Hz', (from, to) => {
  const nyquist = Math.min(from, to) / 2

  test('sines up to 0.9 of the lower Nyquist frequency keep their level within 0.1 dB', () => {
    for (const share of [0.05, 0.2, 0.4, 0.6, 0.8, 0.85, 0.9])
      expect(Math.abs(gain(Math.round(share * nyquist), from, to)), `at ${share}`).toBeLessThan(0.1)
  })

  test('sines from 1.1 of it are below −80 dB', () => {
    for (const share of [1.1, 1.15, 1.3, 1.7].filter((share) => share * nyquist < from / 2))
      expect(gain(Math.ceil(share * nyquist), from, to), `at ${share}`).toBeLessThan(-80)
  })

  test('a constant stays that constant', () => {
    const out = resample(new Float32Array(from / 2).fill(0.25), from, to)
    const middle = out.subarray(out.length / 4, out.length / 2)
    expect(middle.every((value) => Math.abs(value - 0.25) < 1e-6)).toBe(true)
  })
})

test('upsampling leaves no mirror image above 1.1 of the input’s Nyquist frequency', () => {
  for (const hertz of [1000, 2500, 3600]) expect(gain(hertz, 8000, 16_000, hertz)).toBeLessThan(-80)
})

test('an impulse stays at its time: no delay', () => {
  const samples = new Float32Array(48_000)
  samples[24_000] = 1
  const out = resample(samples, 48_000, 16_000)
  expect(out.indexOf(Math.max(...out))).toBe(8000)
  for (let n = 1; n < 90; n++) expect(out[8000 + n]).toBeCloseTo(out[8000 - n]!, 7)
})

test('any split of the output gives the same samples, from no more input than framesNeeded names', () => {
  const noise = Float32Array.from({ length: 44_100 }, (_, n) => Math.fround(Math.sin(n * n)))
  const whole = resample(noise, 44_100, 16_000)
  for (const [start, end] of [
    [0, 1],
    [0, 700],
    [700, 701],
    [5000, 9000],
    [15_990, 16_000],
  ] as const) {
    const [first, last] = framesNeeded([start, end], 44_100, 16_000)
    const from = Math.max(0, first)
    const part = resampleRange(noise.subarray(from, Math.max(0, last)), from, 44_100, 16_000, [start, end])
    expect(part).toEqual(whole.slice(start, end))
  }
})

test('the same rate gives the same samples', () => {
  const noise = sine(440, 16_000, 1000)
  expect(resample(noise, 16_000, 16_000)).toEqual(noise)
})

test('five seconds are 80 000 samples at 16 kHz whatever the rate was', () => {
  for (const [from] of ratios) expect(resampledLength(5 * from, from, 16_000)).toBe(80_000)
})

test('nothing, a single sample and silence come through', () => {
  expect(resample(new Float32Array(0), 44_100, 16_000)).toHaveLength(0)
  expect(resample(Float32Array.of(1), 44_100, 16_000)).toHaveLength(1)
  expect(resample(new Float32Array(4410), 44_100, 16_000).every((value) => value === 0)).toBe(true)
})
