import { computed, type ComputedRef } from 'vue'
import type { Run } from '../../contract/run.ts'
import { splitModelId } from '../model-id.ts'
import { useRuns } from '../stores/runs.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { letterOf } from '../timeline/timeline.ts'

export interface RunPair {
  a: ComputedRef<Run | null>
  b: ComputedRef<Run | null>
  /** why their numbers cannot be subtracted, as a sentence; empty where they can */
  nothing: ComputedRef<string>
}

/** The runs of column A and of another. */
export const useRunPair = (other: () => number): RunPair => {
  const runs = useRuns()
  const workspace = useWorkspace()
  const a = computed(() => runs.runOf(workspace.request(0)))
  const b = computed(() => runs.runOf(workspace.request(other())))
  const nothing = computed(() => {
    const letter = letterOf(other())
    if (!a.value || !b.value) return `There is no run in column ${a.value ? letter : 'A'}: run the model first.`
    if (splitModelId(a.value.model.id).base === splitModelId(b.value.model.id).base) return ''
    return `A difference needs one model: A ran through ${a.value.model.id}, ${letter} through ${b.value.model.id}.`
  })
  return { a, b, nothing }
}
