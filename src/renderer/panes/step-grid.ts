import { computed, reactive, watch, type ComputedRef } from 'vue'
import { timeOf, type TimeGrid } from '../../contract/grid.ts'
import { useWorkspace } from '../stores/workspace.ts'
import type { Column } from './column.ts'

/** Grids by recording and model, of the last run that was shown: a region that is being moved has no run of its own yet. */
const last = reactive(new Map<string, TimeGrid>())

const keyOf = (column: Column): string =>
  `${column.recording.value?.id ?? ''} ${useWorkspace().modelOf(column.index) ?? ''}`

/** Keeps the grid of a column's run; to be called once for each column. */
export const keepStepGrid = (column: Column): void => {
  watch(
    column.run,
    (run) => {
      if (run) last.set(keyOf(column), timeOf(run.grids.encoder))
    },
    { immediate: true },
  )
}

/** The steps of the column's model over its recording; null until it has run there. */
export const useStepGrid = (column: Column): ComputedRef<TimeGrid | null> =>
  computed(() => last.get(keyOf(column)) ?? null)
