import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/contract/run.ts'
import { errorShare, newestOf, verdictFacts } from '../../../src/renderer/machine/verdict-text.ts'

describe('what a comparison found', () => {
  it('says how fast a provider is, and nothing of that where it gave no numbers', () => {
    const verdict: Verdict = {
      model: { id: 'ast', hash: 'a' },
      provider: 'webgpu',
      device: 'a graphics card',
      onnxruntime: '1.30.0',
      nodes: { webgpu: 89 },
      seconds: { cpu: 3.1, provider: 1 },
      parity: { worst: 2e-6, tap: 'encoder.hidden.1', limit: 1e-3, passed: true },
      taps: [],
      refused: '',
      at: '2026-01-01T00:00:00.000Z',
    }
    expect(verdictFacts(verdict)).toContainEqual({ name: 'speed', value: '3.1 × faster than the CPU' })
    const failed = { ...verdict, seconds: { cpu: 0, provider: 0 }, parity: null, refused: 'webgpu does not start' }
    expect(verdictFacts(failed).map(({ name }) => name)).toEqual(['device', 'nodes', 'found'])
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
