import type { Span } from '../../contract/engine.ts'
import type { Heads } from '../../contract/heads.ts'
import { timeOf } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import type { Settings } from '../stores/settings.ts'

/** Which attention is looked at, as far as the run has it. */
export interface Site {
  kind: 'encoder' | 'decoder' | 'cross'
  layer: number
  layers: number
  heads: Heads
  headCount: number
  tap: string
}

const firstSteps = 200

/** `aligned`: whether the checkpoint names alignment heads, which are heads of cross-attention. */
export const siteOf = (wanted: Settings['attention'], run: Run, aligned = false): Site | null => {
  const kind = run.decoder ? wanted.kind : 'encoder'
  const stack = kind === 'encoder' ? run.encoder : run.decoder
  if (!stack || stack.layers === 0) return null
  const layer = Math.min(wanted.layer ?? stack.layers - 1, stack.layers - 1)
  // a rollout is of the mean over heads
  const lacks =
    wanted.weights === 'rollout' ||
    (wanted.head === 'alignment'
      ? !aligned || kind !== 'cross'
      : typeof wanted.head === 'number' && wanted.head >= stack.heads)
  const head = lacks ? 'mean' : wanted.head
  return {
    kind,
    layer,
    layers: stack.layers,
    heads: typeof head === 'number' ? [head] : head,
    headCount: stack.heads,
    tap: `${kind}.attention.${layer}`,
  }
}

type Shown = Pick<Settings['attention'], 'extent' | 'audioOnly'>

/** The encoder steps that are shown; AST's are its time columns. The region's are those centred on audio. */
export const stepsShown = ({ extent, audioOnly }: Shown, run: Run): Span => {
  const { count, valid } = timeOf(run.grids.encoder)
  const audible = Math.max(1, valid)
  if (extent === 'all' && !audioOnly) return { unit: 'all' }
  const last = audioOnly ? audible : count
  return { unit: 'step', range: [0, extent === 'steps' ? Math.min(firstSteps, last) : audible] }
}

export const spansOf = (site: Site, shown: Shown, run: Run): { queries: Span; keys: Span } => {
  const steps = stepsShown(shown, run)
  return {
    queries: site.kind === 'encoder' ? steps : { unit: 'all' },
    keys: site.kind === 'decoder' ? { unit: 'all' } : steps,
  }
}

export const describeSite = (site: Site): string => {
  const where = { encoder: 'encoder self', decoder: 'decoder self', cross: 'cross' }[site.kind]
  return site.heads === 'alignment'
    ? `${where} · ${describeHeads(site.heads)}`
    : `${where} · layer ${site.layer} · ${describeHeads(site.heads)}`
}

export const describeHeads = (heads: Heads): string => {
  if (heads === 'alignment') return 'mean of the alignment heads'
  return typeof heads === 'string' ? `head ${heads}` : `head ${heads.join(', ')}`
}
