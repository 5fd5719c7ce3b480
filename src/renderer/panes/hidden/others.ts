import { computed, watch, type ComputedRef } from 'vue'
import type { Run } from '../../../contract/run.ts'
import { baselineNames } from '../../../figures/baseline-text.ts'
import { splitModelId } from '../../model-id.ts'
import { useLibrary } from '../../stores/library.ts'
import { useRuns } from '../../stores/runs.ts'
import { runKey, type RunRequest } from '../../stores/window-requests.ts'
import { useSettings } from '../../stores/settings.ts'
import { useWorkspace } from '../../stores/workspace.ts'
import { letterOf } from '../../timeline/timeline.ts'
import { useColumn } from '../column.ts'

/** A run that a column's own may be compared with. */
export interface Other {
  /** as the settings keep it: `column`, `baseline`, `model <id>` */
  id: string
  /** B, whisper-tiny */
  name: string
  label: string
  /** of the column it stands in */
  column: number
  /** null where it has not been run */
  run: Run | null
  /** what is then to be done */
  missing: string
}

/** The next column's run of the same model, the baseline that stands beside, and other models' over the same recording; the store is asked for the chosen one while `wanted`. */
export const useOthers = (
  wanted: () => boolean,
): { choices: ComputedRef<Other[]>; chosen: ComputedRef<Other | null> } => {
  const column = useColumn()
  const library = useLibrary()
  const runs = useRuns()
  const settings = useSettings()
  const workspace = useWorkspace()
  const others = computed(() => {
    const now = splitModelId(column.run.value?.model.id ?? workspace.model ?? '').base
    return library.models.map(({ id }) => id).filter((id) => id !== now)
  })
  const requestOf = (model: string): RunRequest | null => workspace.request(column.index, model)
  const choices = computed((): Other[] => {
    const next = (column.index + 1) % workspace.columns.length
    const beside = workspace.columns[next] ? [nextColumn(next)] : []
    return [...(next === column.index ? [] : beside), ...baseline(), ...others.value.map(otherModel)]
  })
  const nextColumn = (index: number): Other => {
    const name = letterOf(index)
    const run = runs.runOf(workspace.request(index))
    const missing = `Column ${name} has no result of this model yet: run it.`
    return { id: 'column', name, label: `column ${name}, same model`, column: index, run, missing }
  }
  const baseline = (): Other[] => {
    const { baseline, run } = column.beside
    if (!baseline.value) return []
    const name = baselineNames[baseline.value]
    return [{ id: 'baseline', name, label: `baseline: ${name}`, column: column.index, run: run.value, missing: '' }]
  }
  const otherModel = (model: string): Other => {
    const run = runs.runOf(requestOf(model))
    const missing = `${model} has no result over this region yet: run it (Shift+R runs all models).`
    return { id: `model ${model}`, name: model, label: model, column: column.index, run, missing }
  }
  // a choice of a model that is this one now, or of a column that is no more, is kept but means nothing
  const chosen = computed(() => choices.value.find(({ id }) => id === settings.hidden.comparedWith) ?? null)
  // only the one that is wanted: to look for a model's run its files may have to be read
  const request = computed(() => {
    const model = others.value.find((id) => settings.hidden.comparedWith === `model ${id}`)
    return wanted() && column.run.value && model !== undefined ? requestOf(model) : null
  })
  watch(
    () => (request.value ? runKey(request.value) : ''),
    () => request.value && void runs.find(request.value),
    { immediate: true },
  )
  return { choices, chosen }
}
