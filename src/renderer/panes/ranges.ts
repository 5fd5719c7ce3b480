import { computed, onScopeDispose, reactive, watch, type ComputedRef } from 'vue'
import type { Range } from '../../contract/tensor.ts'
import { useSettings } from '../stores/settings.ts'

/** Colour ranges by pane and column: shared over the columns while they are locked. */
const known = reactive<Record<string, Record<number, Range>>>({})

/** `own` is what this column's picture would take for itself; the answer is what it must be drawn with. */
export const useSharedRange = (
  pane: () => string,
  column: number,
  own: () => Range | null,
): ComputedRef<Range | null> => {
  const settings = useSettings()
  const drop = (name: string): void => {
    if (known[name]) delete known[name][column]
  }
  watch(
    [pane, own],
    ([name, range], [oldName]) => {
      if (oldName !== undefined && oldName !== name) drop(oldName)
      if (range) (known[name] ??= {})[column] = range
      else drop(name)
    },
    { immediate: true },
  )
  onScopeDispose(() => drop(pane()))
  return computed(() => {
    const mine = own()
    if (!mine || !settings.rangesLocked) return mine
    const all = Object.values(known[pane()] ?? {})
    if (all.length === 0) return mine
    return [Math.min(...all.map(([low]) => low)), Math.max(...all.map(([, high]) => high))]
  })
}
