import { describe, expect, it } from 'vitest'
import { windowShapes, type WindowShape } from '../../src/contract/spectrogram.ts'
import { hannPeriodic, hannSymmetric, windowOf } from '../../src/signal/window.ts'
import { loadJson } from '../golden/load.ts'

describe('windows', () => {
  it('match torch.hann_window and numpy.hanning at 400 samples', () => {
    const some = (window: Float64Array) => [0, 1, 100, 200, 399].map((n) => window[n]!)
    const close = (actual: number[], expected: number[]) =>
      actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12))
    close(some(hannPeriodic(400)), [0, 6.168375916970614e-5, 0.5, 1, 6.168375916970614e-5])
    close(some(hannSymmetric(400)), [0, 6.199333200590518e-5, 0.5019684113649876, 0.9999845014267927, 0])
  })

  it('sum to a constant when periodic ones overlap by half', () => {
    const window = hannPeriodic(64)
    for (let n = 0; n < 32; n++) expect(window[n]! + window[n + 32]!).toBeCloseTo(1, 12)
  })

  it('read the same backwards when symmetric', () => {
    const window = hannSymmetric(33)
    expect([...window].reverse().every((value, n) => Math.abs(value - window[n]!) < 1e-12)).toBe(true)
  })

  it('are one sample of 1 where there is only one', () => {
    expect(hannSymmetric(1)).toEqual(Float64Array.of(1))
  })

  it.each(windowShapes)('are scipy’s: %s', (shape) => {
    const golden = loadJson<{ windows: Record<WindowShape, number[]> }>(
      new URL('../golden/spectrogram.json', import.meta.url),
    )
    windowOf[shape](16).forEach((value, n) => expect(value).toBeCloseTo(golden.windows[shape][n]!, 8))
  })
})
