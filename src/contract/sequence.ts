import type { TapCard } from './run.ts'
import { parseTap } from './tap.ts'

/** The sequences of a run that lie on the time axis, each on a grid of its own. */
export const sequences = ['features', 'encoder', 'output'] as const
export type Sequence = (typeof sequences)[number]

/** Which sequence a tap's time axis is; null where it has none that goes on from window to window. */
export const sequenceOf = ({ tap, axes }: Pick<TapCard, 'tap' | 'axes'>): Sequence | null => {
  const parsed = parseTap(tap)
  if (parsed?.kind === 'features') return 'features'
  if (parsed?.kind === 'hidden') return parsed.side === 'encoder' ? 'encoder' : null
  return (parsed?.kind === 'tokens' || parsed?.kind === 'logits') && axes[0] === 'step' ? 'output' : null
}

/** Whether the windows of a long region give one array of a tap: joined in time, or a classifier's row for each (docs/windows.md). */
export const joins = (tap: Pick<TapCard, 'tap' | 'axes'>): boolean =>
  sequenceOf(tap) !== null || tap.axes[0] === 'label'
