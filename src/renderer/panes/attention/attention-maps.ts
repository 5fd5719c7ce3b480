import { computed, ref, watch, type ComputedRef } from 'vue'
import type { AttentionProgress, Span } from '../../../contract/engine.ts'
import { engine } from '../../engine.ts'
import { useQuery } from '../../query.ts'
import { useSettings } from '../../stores/settings.ts'
import { useColumn } from '../column.ts'

/** pixels of a head's map */
const smallPixels = 96

/** The map of the pane and those of the layer's heads, as they are asked of the engine. */
export const useAttentionMaps = (spans: ComputedRef<{ queries: Span; keys: Span } | null>, side: () => number) => {
  const { run, site } = useColumn()
  const settings = useSettings()
  /** what both are asked of */
  const about = computed(() => {
    if (!run.value || !site.value || !spans.value) return null
    const { weights, audioOnly } = settings.attention
    return { run: run.value.id, tap: site.value.tap, ...spans.value, weights, audioOnly }
  })
  /**
   * One layer or stretch may stand for the next until that is there, but not one kind of weights for another; a rollout, which may take
   * long, says how far it is.
   */
  const identity = ({ run: id, tap, weights, audioOnly }: NonNullable<typeof about.value>): string =>
    [id, weights === 'rollout' ? tap : tap.replace(/\d+$/, ''), weights, audioOnly].join(' ')

  const progress = ref<AttentionProgress | null>(null)
  const stopped = ref(false)
  watch(
    () => [run.value?.id, site.value?.tap, settings.attention.weights],
    () => (stopped.value = false),
  )
  const map = useQuery({
    name: 'attention',
    input: () =>
      about.value && site.value && !stopped.value
        ? { ...about.value, heads: site.value.heads, width: side(), height: side(), pool: 'max' as const }
        : null,
    identity,
    call: (input, options) => {
      progress.value = null
      return engine['runs.attention'](input, { ...options, onPart: (part) => (progress.value = part) })
    },
  })
  const heads = useQuery({
    name: 'heads',
    input: () =>
      about.value &&
      site.value &&
      site.value.headCount > 1 &&
      !settings.atlas.shown &&
      about.value.weights !== 'rollout'
        ? {
            ...about.value,
            heads: Array.from({ length: site.value.headCount }, (_, i) => i),
            width: smallPixels,
            height: smallPixels,
            pool: 'mean' as const,
          }
        : null,
    identity,
    call: (input, options) => engine['runs.attention'](input, options),
    delayMs: 120,
  })
  return { map, heads, progress, stopped }
}
