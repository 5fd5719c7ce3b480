import { computed } from 'vue'
import type { Run } from '../../../contract/run.ts'
import { useRuns } from '../../stores/runs.ts'
import { useSettings } from '../../stores/settings.ts'
import { useWorkspace } from '../../stores/workspace.ts'
import { letterOf } from '../../timeline/timeline.ts'
import { inOrderOf } from './label-order.ts'

/** A run's labels by score, or in the order that they have in the first column with labels of the same model. */
export const useLabels = (run: () => Run | null) => {
  const runs = useRuns()
  const settings = useSettings()
  const workspace = useWorkspace()
  const first = computed(() => {
    for (const column of workspace.columns.keys()) {
      const other = runs.runOf(workspace.request(column))
      if (other?.result.labels && other.model.hash === run()?.model.hash) return { column, labels: other.result.labels }
    }
    return null
  })
  const letter = computed(() => letterOf(first.value?.column ?? 0))
  const items = computed(() => {
    const own = run()?.result.labels?.items ?? []
    const order = first.value?.labels.items.map(({ index }) => index)
    return settings.labelOrder === 'first' && order ? inOrderOf(own, order) : own
  })
  return { items, letter }
}
