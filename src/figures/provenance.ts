import { baselineText } from './baseline-text.ts'
import type { NodeCounts, Parity, ProviderId, Run, Verdict } from '../contract/run.ts'

/** What made a run, in words: the same in panes, badges and under figures. */

const names: Record<ProviderId, string> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'CoreML',
  webgpu: 'WebGPU',
}

export const providerName = (provider: ProviderId): string => names[provider]

/** "412 on CUDA, 14 on CPU"; empty where nothing was counted */
export const nodesText = (nodes: NodeCounts): string =>
  (Object.entries(nodes) as [ProviderId, number][])
    .sort(([, a], [, b]) => b - a)
    .map(([provider, count]) => `${count} on ${names[provider]}`)
    .join(', ')

/** 2.1e-6, 0.012, 0 */
export const errorText = (value: number): string => {
  if (!Number.isFinite(value)) return 'no number'
  const text = value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(1) : String(Number(value.toPrecision(2)))
  return text.replace('.0e', 'e')
}

/** "3.1 × faster than the CPU", "425 × slower than the CPU"; of a verdict with numbers */
export const ratioText = ({ cpu, provider }: Verdict['seconds']): string => {
  const ratio = cpu / provider
  if (ratio > 0.95 && ratio < 1.05) return 'as fast as the CPU'
  return ratio > 1 ? `${figure(ratio)} × faster than the CPU` : `${figure(1 / ratio)} × slower than the CPU`
}

/** "webgpu is 425 × slower than the CPU on this model (10.2 s against 0.024 s)" */
export const speedText = ({ provider, seconds }: Verdict): string =>
  `${provider} is ${ratioText(seconds)} on this model (${figure(seconds.provider)} s against ${figure(seconds.cpu)} s)`

const figure = (value: number): string => String(Number(value.toPrecision(3)))

/** "hidden states within 2.1e-6 of the CPU's; 1e-3 allowed" */
export const parityText = ({ worst, limit, passed }: Parity): string =>
  `hidden states ${passed ? 'within' : 'differ by'} ${errorText(worst)} ${passed ? 'of' : 'from'} the CPU's; ${errorText(limit)} allowed`

/**
 * "WebGPU (NVIDIA H200, 89 nodes on WebGPU, 20 on CPU), hidden states within 2.1e-6 of the CPU's; 1e-3 allowed"; "CPU" says all
 * of the CPU
 */
export const provenanceText = ({
  provider,
  device = names[provider],
  nodes,
  parity,
  options,
}: Pick<Run, 'provider' | 'nodes' | 'parity'> & Partial<Pick<Run, 'device' | 'options'>>): string => {
  const instead = options?.baseline && `baseline: ${baselineText[options.baseline]}`
  if (provider === 'cpu') return [names.cpu, instead].filter(Boolean).join(', ')
  const within = [device === names[provider] ? '' : device, nodesText(nodes).replace(' on', ' nodes on')]
  const inside = within.filter(Boolean).join(', ')
  return [names[provider] + (inside && ` (${inside})`), parity && parityText(parity), instead]
    .filter(Boolean)
    .join(', ')
}
