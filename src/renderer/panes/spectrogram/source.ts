import { computed, type ComputedRef } from 'vue'
import { stepsWithin } from '../../../contract/grid.ts'
import type { Range } from '../../../contract/tensor.ts'
import { engine } from '../../engine.ts'
import { useQuery } from '../../query.ts'
import { useSettings } from '../../stores/settings.ts'
import { lengthOf } from '../../timeline/geometry.ts'
import { useTimeline } from '../../timeline/timeline.ts'
import { useColumn } from '../column.ts'
import { visibleOf } from '../visible.ts'
import { useStft } from './choices.ts'
import { cropped } from './join-tiles.ts'
import { isAtHand, useTiles } from './tiles.ts'

/** What the pane shows: the sound's own spectrogram, in tiles, or the features a run's model was given. */
export const useSource = (ofFeatures: ComputedRef<boolean>, height: ComputedRef<number>) => {
  const [column, settings, timeline, stft] = [useColumn(), useSettings(), useTimeline(), useStft()]
  const { sound } = column
  /** a model may be given the samples themselves, which have one axis */
  const hearsSamples = computed(
    () => column.run.value?.taps.find((card) => card.tap === 'features')?.shape.length === 1,
  )
  const askFeatures = (stretch: Range) => {
    const range = visibleOf(stretch, column.recording.value?.seconds ?? 0)
    const { run } = column
    if (!range || !ofFeatures.value || !run.value || hearsSamples.value) return null
    return { run: run.value.id, range, width: Math.max(1, column.pixels.value), height: height.value }
  }
  const region = computed((): Range | null => timeline.regions[column.recording.value?.id ?? ''] ?? null)
  const featuresQuestion = {
    name: 'features',
    identity: ({ run }: { run: string }) => run,
    call: (input: NonNullable<ReturnType<typeof askFeatures>>, options: { signal: AbortSignal }) =>
      engine['runs.features'](input, options),
  }
  const features = useQuery({ ...featuresQuestion, input: () => askFeatures(column.range.value) })
  const tiles = useTiles(() => {
    const recording = sound.recording.value
    const range = sound.visible(column.range.value)
    if (!recording || !range || ofFeatures.value) return null
    const hertz = settings.frequenciesOf(column.index)
    // of all that the pane shows, and not of what is visible: a short end of a recording is no other zoom
    const pixels = Math.max(1, (column.pixels.value * lengthOf(range)) / lengthOf(column.range.value))
    return { recording, stft: stft.value, height: height.value, hertz, range, pixels, ...sound.heardBy.value }
  })
  /** the region whole: colours stay what they are however far one zooms */
  const wholeFeatures = useQuery({
    ...featuresQuestion,
    input: () => region.value && askFeatures(region.value),
    delayMs: 200,
  })
  const wholeSound = useQuery({
    name: 'spectrogram of the region',
    identity: ({ recording }) => recording,
    input: () => {
      const recording = sound.recording.value
      const range = sound.model.value?.region ?? region.value
      if (!recording || !range || ofFeatures.value) return null
      // what is on the screen has to do then
      if (!isAtHand(lengthOf(range), stft.value)) return null
      const hertz = settings.frequenciesOf(column.index)
      // its loudest cell is all that is wanted
      const size = { width: 1024, height: 1 }
      const asked = { recording: recording.id, range, ...size, stft: stft.value, ...sound.heardBy.value }
      return { ...asked, ...(hertz && { hertz }) }
    },
    call: (input, options) => engine['recordings.spectrogram'](input, options),
    delayMs: 200,
  })
  const asked = computed(() => (ofFeatures.value ? features : tiles))
  const clip = computed(() => (ofFeatures.value ? wholeFeatures : wholeSound).value.value)
  const shown = computed(() => asked.value.value.value)
  /** what is drawn reaches beyond what is visible; what is said of it does not */
  const visible = computed(() => {
    const found = shown.value
    const range = (!ofFeatures.value && sound.visible(column.range.value)) || column.range.value
    return found && { ...found, raster: cropped(found.raster, stepsWithin(found.grid, range)) }
  })
  return { hearsSamples, asked, clip, shown, visible, progress: tiles.progress }
}
