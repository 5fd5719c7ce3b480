import { describe, expect, it } from 'vitest'
import type { Parity } from '../../src/contract/run.ts'
import { RunOptions } from '../../src/contract/run.ts'
import { errorText, nodesText, parityText, provenanceText, ratioText } from '../../src/figures/provenance.ts'

const parity: Parity = { worst: 2.1e-6, tap: 'encoder.hidden.3', limit: 1e-3, passed: true }

describe('what made a run, in words', () => {
  it('counts nodes, most first', () => {
    expect(nodesText({ cpu: 14, cuda: 412 })).toBe('412 on CUDA, 14 on CPU')
    expect(nodesText({ cpu: 109 })).toBe('109 on CPU')
    expect(nodesText({})).toBe('')
  })
  it('says how far it is from the CPU, and how far it may be', () => {
    expect(parityText(parity)).toBe("hidden states within 2.1e-6 of the CPU's; 1e-3 allowed")
    expect(parityText({ ...parity, worst: 0.04, limit: 1e-2, passed: false })).toBe(
      "hidden states differ by 0.04 from the CPU's; 0.01 allowed",
    )
  })
  it('says how fast it is beside the CPU', () => {
    expect(ratioText({ cpu: 3.1, provider: 1 })).toBe('3.1 × faster than the CPU')
    expect(ratioText({ cpu: 1, provider: 5.24 })).toBe('5.24 × slower than the CPU')
    expect(ratioText({ cpu: 1, provider: 0.99 })).toBe('as fast as the CPU')
  })
  it('writes errors with two digits', () => {
    expect(errorText(0)).toBe('0')
    expect(errorText(1e-3)).toBe('1e-3')
    expect(errorText(0.123)).toBe('0.12')
    expect(errorText(NaN)).toBe('no number')
  })
  it('puts it together, and says no more than CPU of the CPU', () => {
    expect(provenanceText({ provider: 'webgpu', nodes: { webgpu: 89, cpu: 20 }, parity })).toBe(
      "WebGPU (89 nodes on WebGPU, 20 on CPU), hidden states within 2.1e-6 of the CPU's; 1e-3 allowed",
    )
    expect(provenanceText({ provider: 'cuda', device: 'NVIDIA H200', nodes: { cuda: 7 }, parity: null })).toBe(
      'CUDA (NVIDIA H200, 7 nodes on CUDA)',
    )
    expect(provenanceText({ provider: 'cuda', nodes: {}, parity: null })).toBe('CUDA')
    expect(provenanceText({ provider: 'cpu', nodes: { cpu: 7 }, parity: null })).toBe('CPU')
    const options = RunOptions.parse({ baseline: 'untrained' })
    expect(provenanceText({ provider: 'cpu', nodes: {}, parity: null, options })).toBe(
      'CPU, baseline: untrained twin: weights shuffled',
    )
  })
})
