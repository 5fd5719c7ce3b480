import { describe, expect, it } from 'vitest'
import type { Run } from '../../src/contract/run.ts'
import { attentionOrigin, badgeText, providerSuffix, runFacts } from '../../src/renderer/run-facts.ts'

const onCpu = {
  provider: 'cpu',
  device: 'CPU',
  choice: 'auto: no accelerator works here',
  nodes: { cpu: 109 },
  parity: null,
  threads: 1,
  fromStore: false,
  seconds: 0.3344,
  model: { id: 'whisper-tiny', hash: 'ab'.repeat(32), variant: 'fp32' },
  versions: { onnxruntime: '1.30.0' },
} as unknown as Run
const onGpu = {
  ...onCpu,
  provider: 'webgpu',
  device: 'llvmpipe (software)',
  choice: 'asked for',
  nodes: { webgpu: 89, cpu: 20 },
  parity: { worst: 2.1e-6, tap: 'encoder.hidden.3', limit: 1e-3, passed: true },
  threads: 2,
  fromStore: true,
  model: { ...onCpu.model, variant: 'q8' },
} as unknown as Run
const factOf = (run: Run, name: string): string | undefined => runFacts(run).find((one) => one.name === name)?.value

describe('what made a run', () => {
  it('is short in the badge', () => {
    expect(badgeText(onCpu)).toBe('CPU · 1 thread · computed · 0.334 s')
    expect(badgeText(onGpu)).toBe('WebGPU · q8 · parity 2.1e-6 · from store · 0.334 s · 2 threads')
  })
  it('is whole in the list of facts', () => {
    expect(factOf(onGpu, 'ran on')).toBe('WebGPU: llvmpipe (software)')
    expect(factOf(onGpu, 'because')).toBe('asked for')
    expect(factOf(onGpu, 'nodes')).toBe('89 on WebGPU, 20 on CPU')
    expect(factOf(onGpu, 'parity')).toBe("hidden states within 2.1e-6 of the CPU's; 1e-3 allowed")
    expect(factOf(onGpu, 'worst tap')).toBe('encoder.hidden.3')
    expect(factOf(onGpu, 'weights')).toBe('q8')
    expect(factOf(onCpu, 'parity')).toBeUndefined()
  })
  it('says where attention is recomputed only where that is another device', () => {
    expect(attentionOrigin(onGpu)).toBe('Recomputed on the CPU from WebGPU’s hidden states.')
    expect(attentionOrigin(onCpu)).toBe('')
    expect([providerSuffix(onCpu), providerSuffix(onGpu)]).toEqual(['', ' · on WebGPU · q8'])
  })
})
