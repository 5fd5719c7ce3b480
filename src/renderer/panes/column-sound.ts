import { computed, type ComputedRef, type Ref } from 'vue'
import type { HeardBy, ModelSound } from '../../contract/heard-by.ts'
import type { Recording } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import { heardText } from '../../figures/heard-text.ts'
import { engine } from '../engine.ts'
import { useQuery } from '../query.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { stretchOf, type Scale } from '../timeline/geometry.ts'
import { clipTo, hatch } from './picture.ts'
import { visibleOf } from './visible.ts'

/** What waveform and spectrogram of a column show. */
export interface ColumnSound {
  /** rate, channels and length as they are shown; null while there is none */
  recording: ComputedRef<Recording | null>
  /** what the model hears, where that is shown and known */
  model: ComputedRef<ModelSound | null>
  /** for calls */
  heardBy: ComputedRef<{ heardBy?: HeardBy }>
  /** what of a stretch there is sound of, as calls are asked for it */
  visible(range: Range): Range | null
  /** whose hearing it is and what was done, in words; empty for the recording as it is */
  words: ComputedRef<string>
  loading: Readonly<Ref<boolean>>
  error: Readonly<Ref<string>>
}

export const useColumnSound = (index: number, own: ComputedRef<Recording | null>): ColumnSound => {
  const workspace = useWorkspace()
  const by = computed(() => workspace.heardBy(index))
  const asked = useQuery({
    name: 'heard by',
    input: () => (own.value && by.value ? { recording: own.value.id, heardBy: by.value } : null),
    // while a region is dragged the last one stays
    identity: ({ recording, heardBy }) => JSON.stringify([recording, heardBy.model]),
    call: (input, options) => engine['recordings.heardBy'](input, options),
    delayMs: 200,
  })
  const model = computed(() => (by.value ? asked.value.value : null))
  return {
    recording: computed(() => (by.value ? (model.value?.recording ?? null) : own.value)),
    model,
    heardBy: computed(() => (model.value ? { heardBy: model.value.heardBy } : {})),
    visible: ([start, end]) => {
      if (by.value && !model.value) return null
      const [from, to] = model.value?.region ?? [0, own.value?.seconds ?? 0]
      return visibleOf([Math.max(start, from), Math.min(end, to)], to)
    },
    words: computed(() => (model.value ? heardText(model.value) : '')),
    loading: asked.loading,
    error: asked.error,
  }
}

/** Where the model's padding lies, in pixels. */
export const hatchPadding = (
  context: CanvasRenderingContext2D,
  scale: Scale,
  model: ModelSound | null,
  height: number,
): void => {
  if (!model?.padding) return
  const { left, width } = stretchOf(scale, model.padding)
  hatch(context, { left, top: 0, width, height })
}

/** Keeps what is drawn within the region that the model hears. */
export const clipToRegion = (
  context: CanvasRenderingContext2D,
  scale: Scale,
  model: ModelSound | null,
  height: number,
): void => {
  if (!model) return
  const { left, width } = stretchOf(scale, model.region)
  clipTo(context, { left, top: 0, width, height })
}
