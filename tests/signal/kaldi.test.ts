import { describe, expect, it } from 'vitest'
import { kaldiFbank, kaldiFrames } from '../../src/signal/kaldi.ts'

const bank = { rate: 16000, window: 'hann', scale: 1 } as const

const tone = (count: number, gain: number, offset = 0): Float32Array =>
  Float32Array.from({ length: count }, (_, n) => offset + gain * Math.sin((2 * Math.PI * 1000 * n) / 16000))

describe('kaldiFbank', () => {
  it('gives only whole frames: 498 of 5 s', () => {
    expect(kaldiFrames(80000)).toBe(498)
    expect(kaldiFbank(tone(80000, 0.1), { ...bank, bands: 128, limit: 1024 }).frames).toBe(498)
  })

  it('rises by the square of the gain, log 4 for twice as loud', () => {
    const [one, two] = [
      kaldiFbank(tone(400, 0.1), { ...bank, bands: 128, limit: 9 }),
      kaldiFbank(tone(400, 0.2), { ...bank, bands: 128, limit: 9 }),
    ]
    const band = one.data.indexOf(Math.max(...one.data))
    expect(two.data[band]! - one.data[band]!).toBeCloseTo(Math.log(4), 4)
  })

  it('does not hear a constant offset', () => {
    const [plain, lifted] = [
      kaldiFbank(tone(1200, 0.1), { ...bank, bands: 64, limit: 9 }),
      kaldiFbank(tone(1200, 0.1, 0.5), { ...bank, bands: 64, limit: 9 }),
    ]
    const worst = Math.max(...plain.data.map((value, i) => Math.abs(value - lifted.data[i]!)))
    expect(worst).toBeLessThan(1e-3)
  })

  it('lies on the floor in silence and on a constant', () => {
    const floor = Math.fround(Math.log(1.192092955078125e-7))
    for (const samples of [new Float32Array(800), new Float32Array(800).fill(0.25)])
      expect(kaldiFbank(samples, { ...bank, bands: 128, limit: 9 }).data.every((value) => value === floor)).toBe(true)
  })

  it('stops at the limit and gives no frame of less than 400 samples', () => {
    expect(kaldiFbank(tone(80000, 1), { ...bank, bands: 8, limit: 3 }).frames).toBe(3)
    expect(kaldiFbank(tone(399, 1), { ...bank, bands: 8, limit: 3 }).data).toHaveLength(0)
    expect(kaldiFrames(0)).toBe(0)
  })
})
