import type { Run } from '../contract/run.ts'
import { errorText, nodesText, parityText, providerName } from '../figures/provenance.ts'
import { reading } from './format.ts'

/** What made a run, as the badge and the side bar say it. */

/** "CPU · 2 threads · computed · 0.334 s", "WebGPU · q8 · parity 2.1e-6 · computed · 0.334 s · 2 threads": what tells most comes first */
export const badgeText = (run: Run): string => {
  const threads = `${run.threads} ${run.threads === 1 ? 'thread' : 'threads'}`
  return [
    providerName(run.provider),
    run.model.variant === 'fp32' ? '' : run.model.variant,
    run.provider === 'cpu' ? threads : '',
    run.parity ? `parity ${errorText(run.parity.worst)}` : '',
    run.fromStore ? 'from store' : 'computed',
    `${reading(run.seconds)} s`,
    run.provider === 'cpu' ? '' : threads,
  ]
    .filter(Boolean)
    .join(' · ')
}

export const runFacts = (run: Run): { name: string; value: string; whole?: string }[] => [
  {
    name: 'ran on',
    value:
      run.device && run.provider !== 'cpu'
        ? `${providerName(run.provider)}: ${run.device}`
        : providerName(run.provider),
  },
  ...(run.choice ? [{ name: 'because', value: run.choice }] : []),
  ...(nodesText(run.nodes) ? [{ name: 'nodes', value: nodesText(run.nodes) }] : []),
  ...(run.parity
    ? [
        { name: 'parity', value: parityText(run.parity) },
        { name: 'worst tap', value: run.parity.tap },
      ]
    : []),
  { name: 'weights', value: run.model.variant },
  { name: 'threads', value: String(run.threads) },
  { name: 'took', value: `${reading(run.seconds)} s` },
  { name: 'onnxruntime', value: run.versions.onnxruntime },
  { name: 'model SHA-256', value: `${run.model.hash.slice(0, 12)}…`, whole: run.model.hash },
]

/** said where attention is shown: it is never stored, and only the CPU recomputes it */
export const attentionOrigin = (run: Run): string =>
  run.provider === 'cpu' ? '' : `Recomputed on the CPU from ${providerName(run.provider)}’s hidden states.`

/** behind a pane's own facts, where it was not the CPU with full weights */
export const providerSuffix = (run: Run): string =>
  [
    run.provider === 'cpu' ? '' : `on ${providerName(run.provider)}`,
    run.model.variant === 'fp32' ? '' : run.model.variant,
  ]
    .filter(Boolean)
    .map((text) => ` · ${text}`)
    .join('')
