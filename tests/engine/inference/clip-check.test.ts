import { describe, expect, test } from 'vitest'
import { checkClip, checkLength, isSilent } from '../../../src/engine/inference/clip-check.ts'

const family = { id: 'ast' as const, minSamples: () => 400, maxSeconds: () => 10.24 }
const configs = { preprocessor: {}, config: {} }
const clip = (samples: number) => ({ samples: new Float32Array(samples) })

describe('a clip', () => {
  test('of exactly the shortest and the longest length is taken', () => {
    expect(() => checkClip(clip(400), family, configs)).not.toThrow()
    expect(() => checkClip(clip(163840), family, configs)).not.toThrow()
    expect(() => checkLength([2, 12.24], family, {})).not.toThrow()
  })

  test('that is shorter is refused, saying how long it must be', () => {
    expect(() => checkClip(clip(399), family, configs)).toThrow(
      'the clip is too short: 399 samples, and ast needs 400 (25 ms); choose a longer region',
    )
  })

  test('that is longer is refused, not cut', () => {
    expect(() => checkClip(clip(165000), family, configs)).toThrow('10.31 s, and ast hears 10.24 s at once')
    expect(() => checkLength([0, 12], family, {})).toThrow('the clip is too long: 12.00 s')
  })

  test('of a family without a limit may be long', () => {
    expect(() => checkLength([0, 4000], { ...family, maxSeconds: () => null }, {})).not.toThrow()
  })

  test('is silent below the last bit of 16-bit audio', () => {
    expect(isSilent(new Float32Array(8))).toBe(true)
    expect(isSilent(Float32Array.of(0, 1 / 32768))).toBe(false)
  })
})
