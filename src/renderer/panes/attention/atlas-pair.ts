import { computed, type ComputedRef } from 'vue'
import type { Run } from '../../../contract/run.ts'
import { useRunPair } from '../../compare/run-pair.ts'
import { letterOf } from '../../timeline/timeline.ts'
import { useWorkspace } from '../../stores/workspace.ts'
import { useColumn } from '../column.ts'

/** The runs whose numbers the atlas subtracts: column A's less this column's, in column A less the next one's. */
export interface AtlasPair {
  a: Run | null
  b: Run | null
  /** "A − B" */
  title: string
  /** why there is no difference; empty where there is one */
  nothing: string
}

/** null where there is one column. */
export const useAtlasPair = (): ComputedRef<AtlasPair | null> => {
  const { index } = useColumn()
  const workspace = useWorkspace()
  const other = Math.max(1, index)
  const { a, b, nothing } = useRunPair(() => other)
  return computed(() =>
    workspace.columns.length > 1
      ? { a: a.value, b: b.value, title: `A − ${letterOf(other)}`, nothing: nothing.value }
      : null,
  )
}
