import type { Verdict } from '../../contract/run.ts'
import { errorText, nodesText, providerName, ratioText } from '../../figures/provenance.ts'
import { reading } from '../format.ts'

export const verdictFacts = ({ provider, device, nodes, seconds, parity, at, onnxruntime }: Verdict) => [
  { name: 'device', value: device || providerName(provider) },
  { name: 'nodes', value: nodesText(nodes) || 'not counted' },
  // without numbers that could be compared it does not matter how long they took
  ...(parity
    ? [
        { name: 'worst error', value: `${errorText(parity.worst)} at ${parity.tap}` },
        { name: 'allowed', value: errorText(parity.limit) },
        { name: 'seconds on it', value: `${reading(seconds.provider)} s` },
        { name: 'seconds on the CPU', value: `${reading(seconds.cpu)} s` },
        { name: 'speed', value: ratioText(seconds) },
      ]
    : []),
  { name: 'found', value: `${new Date(at).toLocaleString()} · onnxruntime ${onnxruntime}` },
]

/** The newest verdict of each provider. */
export const newestOf = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter((one, i) => verdicts.findIndex((other) => other.provider === one.provider) === i)

/** Where an error lies between a billionth, where float32 ends, and what is allowed: 0 … 1 on a logarithmic scale. */
export const errorShare = (error: number, limit: number): number => {
  if (Number.isNaN(error)) return 1
  const share = (Math.log10(error) + 9) / (Math.log10(limit) + 9)
  return Math.min(1, Math.max(0, share))
}
