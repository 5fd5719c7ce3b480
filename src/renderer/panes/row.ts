import { secondsAt, stepAt, timeOf } from '../../contract/grid.ts'
import type { Alignment } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import { useLibrary } from '../stores/library.ts'
import { useRuns } from '../stores/runs.ts'
import { useSettings } from '../stores/settings.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { useTimeline } from '../timeline/timeline.ts'
import { siteOf, type Site } from './site.ts'

/** The attention row that is looked at in a column: of a moment that is pinned or pointed at, or of a token. */
export interface Row {
  run: Run
  site: Site
  /** step (AST: column) or token */
  index: number
  /** it stays when the pointer moves on */
  stays: boolean
}

export const rowOf = (column: number): Row | null => {
  const [timeline, workspace, { attention }] = [useTimeline(), useWorkspace(), useSettings()]
  const run = useRuns().runOf(workspace.request(column))
  const site = run && siteOf(attention, run, alignmentOf(run) !== null)
  if (!run || !site) return null
  if (site.kind !== 'encoder') {
    // chosen in another run's tokens, it may be beyond this one's
    const index = workspace.tokens[column] ?? Infinity
    return index < (run.result.tokens?.length ?? 0) ? { run, site, index, stays: true } : null
  }
  if (timeline.lookedAt === null) return null
  const grid = timeOf(run.grids.encoder)
  const index = stepAt(grid, timeline.lookedAt + timeline.offsetOf(column))
  return attention.audioOnly && index >= grid.valid ? null : { run, site, index, stays: timeline.pinned }
}

/** The heads that the run's checkpoint names for alignment; null where it names none. */
export const alignmentOf = (run: Run): Alignment | null => useLibrary().model(run.model.id)?.alignment ?? null

/** "1.74 s" or "token 5" */
export const sayRow = ({ run, site, index }: Row): string =>
  site.kind === 'encoder' ? `${secondsAt(timeOf(run.grids.encoder), index).toFixed(2)} s` : `token ${index}`
