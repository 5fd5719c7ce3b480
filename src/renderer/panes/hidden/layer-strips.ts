import { computed } from 'vue'
import { engine } from '../../engine.ts'
import { reading } from '../../format.ts'
import { useQuery } from '../../query.ts'
import { providerSuffix } from '../../run-facts.ts'
import { useSettings } from '../../stores/settings.ts'
import type { Chosen } from './chosen.ts'

/** All layers of the chosen stack under each other: how large each one's states are, and what the pane says of them. */
export const useLayerStrips = ({ run, side, stack }: Chosen) => {
  const settings = useSettings()
  const query = useQuery({
    name: 'layer sizes',
    input: () => (run.value && settings.hidden.view === 'layers' ? { run: run.value.id, side: side.value } : null),
    call: (input, options) => engine['runs.layerSizes'](input, options),
  })
  const subtitle = computed(() => {
    if (!run.value || !stack.value) return 'what each layer computes'
    const { dimensions, order, contrast } = settings.hidden
    const first = Number(settings.hidden.first) || 0
    const end = Math.min(first + dimensions, stack.value.width)
    const rows =
      order === 'index' ? `dims ${first}–${end - 1}` : `rows ${first}–${end - 1} by ${order}, each layer’s own`
    const colours = contrast === 'full' ? 'full range' : '99 % range'
    return `${side.value}.hidden.0–${stack.value.layers} · ${rows} · ${colours} of each layer · right: RMS, padding left out${providerSuffix(run.value)}`
  })
  /** "0.934", over all its dimensions */
  const rmsOf = (layer: number): string => {
    const value = query.value.value?.rms[layer]
    return value === undefined ? '' : reading(value)
  }
  return { query, subtitle, rmsOf }
}
