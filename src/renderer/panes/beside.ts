import { computed, watch, type ComputedRef } from 'vue'
import type { RunEstimate } from '../../contract/estimate.ts'
import type { Baseline, Run } from '../../contract/run.ts'
import { connection } from '../engine.ts'
import type { Query } from '../query.ts'
import { useRuns } from '../stores/runs.ts'
import { runKey, type RunRequest } from '../stores/window-requests.ts'
import { useSettings } from '../stores/settings.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { useRunEstimate } from './run-estimate.ts'

/** What a column's run is held against: the same model and region with something in place of the sound or the weights. */
export interface Beside {
  /** null where nothing stands beside, or there is no run yet */
  baseline: ComputedRef<Baseline | null>
  request: ComputedRef<RunRequest | null>
  /** null while there is none in the store */
  run: ComputedRef<Run | null>
  /** what it would take, asked while there is none */
  estimate: Query<RunEstimate>
}

export const useBeside = (column: number, run: ComputedRef<Run | null>): Beside => {
  const [runs, settings, workspace] = [useRuns(), useSettings(), useWorkspace()]
  const baseline = computed(() => (run.value && settings.beside !== 'nothing' ? settings.beside : null))
  const request = computed((): RunRequest | null => {
    const own = workspace.request(column)
    if (!own || !run.value || !baseline.value) return null
    // a decoder is given the run's own tokens, so that every row has the same token in both
    const tokens = run.value.result.tokens?.map(({ id }) => id)
    return { ...own, options: { ...own.options, ...(tokens ? { tokens } : {}), baseline: baseline.value } }
  })
  watch(
    () =>
      request.value && connection.link === 'open'
        ? `${connection.generation} ${workspace.device} ${runKey(request.value)}`
        : '',
    (key) => void (key && request.value && runs.find(request.value)),
    { immediate: true },
  )
  const found = computed(() => runs.runOf(request.value))
  const estimate = useRunEstimate(() => request.value)
  return { baseline, request, run: found, estimate }
}
