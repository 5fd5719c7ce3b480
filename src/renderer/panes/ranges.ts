import { computed, onScopeDispose, reactive, watch, type ComputedRef } from 'vue'
import type { Range } from '../../contract/tensor.ts'
import { useSettings } from '../stores/settings.ts'

/** Colour ranges by pane and column: shared over the columns while they are locked. */
const known = reactive(new Map<string, Map<number, Range>>())

const columnsOf = (name: string): Map<number, Range> => {
  if (!known.has(name)) known.set(name, new Map())
  return known.get(name)!
}

/** `own` is what this column's picture would take for itself; the answer is what it must be drawn with. */
export const useSharedRange = (
  pane: () => string,
  column: number,
  own: () => Range | null,
): ComputedRef<Range | null> => {
  const settings = useSettings()
  const drop = (name: string): void => {
    known.get(name)?.delete(column)
  }
  watch(
    [pane, own],
    ([name, range], [oldName]) => {
      if (oldName !== undefined && oldName !== name) drop(oldName)
      if (range) columnsOf(name).set(column, range)
      else drop(name)
    },
    { immediate: true },
  )
  onScopeDispose(() => drop(pane()))
  return computed(() => {
    const mine = own()
    if (!mine || !settings.rangesLocked) return mine
    const all = [...(known.get(pane())?.values() ?? [])]
    if (all.length === 0) return mine
    return [Math.min(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))]
  })
}
