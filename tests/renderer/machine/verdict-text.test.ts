import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/contract/run.ts'
import { errorShare, newestOf, ratioText } from '../../../src/renderer/machine/verdict-text.ts'

describe('what a comparison found', () => {
  it('says which is faster and how much', () => {
    expect(ratioText({ cpu: 3.1, provider: 1 })).toBe('3.1 × faster than the CPU')
    expect(ratioText({ cpu: 1, provider: 5.24 })).toBe('5.2 × slower than the CPU')
    expect(ratioText({ cpu: 1, provider: 0.99 })).toBe('as fast as the CPU')
  })
  it('says that nothing was measured where the provider did not run', () => {
    expect(ratioText({ cpu: 1, provider: 0 })).toBe('not measured')
    expect(ratioText({ cpu: NaN, provider: 1 })).toBe('not measured')
  })
  it('keeps the newest of each provider', () => {
    const list = [
      { provider: 'webgpu', at: '3' },
      { provider: 'cuda', at: '2' },
      { provider: 'webgpu', at: '1' },
    ] as Verdict[]
    expect(newestOf(list).map(({ at }) => at)).toEqual(['3', '2'])
  })
  it('draws errors up to what is allowed, whatever they are', () => {
    expect(errorShare(1e-3, 1e-3)).toBeCloseTo(1)
    expect(errorShare(1e-6, 1e-3)).toBeCloseTo(0.5)
    expect(errorShare(0, 1e-3)).toBe(0)
    expect([errorShare(5, 1e-3), errorShare(Infinity, 1e-2), errorShare(NaN, 1e-3)]).toEqual([1, 1, 1])
  })
})
