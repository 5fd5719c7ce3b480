import { secondsAt, stepAt, timeOf } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
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
  const [timeline, workspace] = [useTimeline(), useWorkspace()]
  const run = useRuns().runOf(workspace.request(column))
  const site = run && siteOf(useSettings().attention, run)
  if (!run || !site) return null
  if (site.kind !== 'encoder') {
    const index = workspace.tokens[column] ?? null
    return index === null ? null : { run, site, index, stays: true }
  }
  const at = timeline.lookedAt
  return at === null ? null : { run, site, index: stepAt(timeOf(run.grids.encoder), at), stays: timeline.pinned }
}

/** "1.74 s" or "token 5" */
export const sayRow = ({ run, site, index }: Row): string =>
  site.kind === 'encoder' ? `${secondsAt(timeOf(run.grids.encoder), index).toFixed(2)} s` : `token ${index}`
