import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/contract/run.ts'
import { newestOf, ratioText } from '../../../src/renderer/machine/verdict-text.ts'

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
})
