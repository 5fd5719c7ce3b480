import { computed, type ComputedRef } from 'vue'
import type { Stack } from '../../../contract/model.ts'
import type { Run } from '../../../contract/run.ts'
import { printTap, type Side, type TapName } from '../../../contract/tap.ts'
import type { Range } from '../../../contract/tensor.ts'
import { useSettings } from '../../stores/settings.ts'
import { useColumn } from '../column.ts'

/** Which hidden state is looked at, as far as the column's run has it. */
export interface Chosen {
  run: ComputedRef<Run | null>
  side: ComputedRef<Side>
  stack: ComputedRef<Stack | null>
  layer: ComputedRef<number>
  tap: ComputedRef<TapName>
  /** the dimensions that maps show, half-open */
  dimensions: ComputedRef<Range>
}

export const useChosen = (): Chosen => {
  const settings = useSettings()
  const { run } = useColumn()
  const side = computed(() => (run.value?.decoder ? settings.hidden.side : 'encoder'))
  const stack = computed(() => run.value?.[side.value] ?? null)
  const layer = computed(() => Math.min(settings.hidden.layer ?? stack.value?.layers ?? 0, stack.value?.layers ?? 0))
  const tap = computed(() => printTap({ kind: 'hidden', side: side.value, index: layer.value }))
  const dimensions = computed<Range>(() => {
    const width = stack.value?.width ?? 1
    const first = Math.min(Math.max(0, Math.floor(Number(settings.hidden.first) || 0)), width - 1)
    return [first, Math.min(first + settings.hidden.dimensions, width)]
  })
  return { run, side, stack, layer, tap, dimensions }
}
