import { computed, watch } from 'vue'
import { engine } from '../engine.ts'
import { useQuery } from '../query.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { letterOf, useTimeline } from '../timeline/timeline.ts'

/** Keeps the columns' offsets what their alignment says: by the regions' starts, or by their first onsets. */
export const useAlignment = () => {
  const timeline = useTimeline()
  const workspace = useWorkspace()
  const clips = computed(() =>
    workspace.columns.map((recording) => {
      const region = timeline.regions[recording ?? '']
      return recording !== null && region ? { recording, region: [region[0], region[1]] as [number, number] } : null
    }),
  )
  const asked = computed(() => clips.value.filter((clip) => clip !== null))
  const onsets = useQuery({
    name: 'onsets',
    input: () => (timeline.alignment === 'onset' && asked.value.length > 0 ? { clips: asked.value } : null),
    call: (input, options) => engine['compare.onsets'](input, options),
    delayMs: 150,
  })
  /** of every column; null where there is none, undefined while it is not known */
  const found = computed(() => {
    const known = onsets.value.value
    let next = 0
    return clips.value.map((clip) => (clip ? known?.[next++] : undefined))
  })
  const starts = computed(() => clips.value.map((clip) => clip?.region[0] ?? null))
  /** a column without a moment to be aligned by keeps its region's start on A's */
  const offsets = computed((): number[] | null => {
    if (timeline.alignment === 'free') return null
    if (timeline.alignment === 'onset' && !onsets.value.value) return null
    const moments = timeline.alignment === 'onset' ? found.value : starts.value
    const [first, start] = [moments[0], starts.value[0]]
    return clips.value.map((_, i) => {
      const [moment, own] = [moments[i], starts.value[i]]
      if (typeof first === 'number' && typeof moment === 'number') return moment - first
      return typeof start === 'number' && typeof own === 'number' ? own - start : 0
    })
  })
  watch(offsets, (next) => next && timeline.align(next), { immediate: true })

  const missing = computed(() => found.value.flatMap((onset, i) => (onset === null ? [letterOf(i)] : [])))
  /** what a person should know of how it was done */
  const note = computed(() => {
    if (timeline.alignment !== 'onset') return ''
    if (onsets.error.value) return onsets.error.value
    if (onsets.loading.value) return 'looking for onsets…'
    if (missing.value.length > 0)
      return `no onset stands out in ${missing.value.join(' and ')}: aligned by the regions’ starts`
    return `onsets at ${found.value.flatMap((at, i) => (typeof at === 'number' ? [`${letterOf(i)} ${at.toFixed(3)} s`] : [])).join(', ')}`
  })
  return { note, busy: onsets.loading }
}
