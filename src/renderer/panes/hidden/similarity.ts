import { computed } from 'vue'
import type { LayerSimilarity, SimilarityMeasure } from '../../../contract/engine.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import { engine } from '../../engine.ts'
import { useQuery } from '../../query.ts'
import { providerSuffix } from '../../run-facts.ts'
import { useSettings } from '../../stores/settings.ts'
import type { Chosen } from './chosen.ts'

/** colours stay what they are from clip to clip: the whole range of each measure */
const measures: Record<SimilarityMeasure, { name: string; colour: ColourScale }> = {
  cka: { name: 'linear CKA', colour: { map: 'viridis', low: 0, high: 1, scale: 'linear', unit: 'linear CKA' } },
  cosine: { name: 'mean cosine', colour: { map: 'rdbu', low: -1, high: 1, scale: 'linear', unit: 'mean cosine' } },
}

const meanings: Record<SimilarityMeasure, string> = {
  cka: 'How alike two layers lay out the clip’s steps, whatever their rotation and scale: 1 is alike.',
  cosine: 'How alike the directions of a step’s two states are, on average: 1 the same, 0 unrelated, −1 opposite.',
}

const leftOut: Record<LayerSimilarity['samples']['kind'], string> = {
  steps: 'padding left out',
  patches: 'padding and special tokens left out',
  tokens: 'the prompt’s tokens among them',
}

/** How alike the layers of the chosen stack are over the column's clip. */
export const useSimilarity = ({ run, side, stack }: Chosen) => {
  const settings = useSettings()
  const query = useQuery({
    name: 'similarity',
    input: () =>
      run.value && settings.hidden.view === 'similarity'
        ? { run: run.value.id, side: side.value, measure: settings.hidden.measure }
        : null,
    identity: (input) => `${input.run} ${input.side}`,
    call: (input, options) => engine['runs.layerSimilarity'](input, options),
  })
  /** of what is shown: while another is asked for, the last stays with its own colours */
  const shown = computed(() => query.value.value?.measure ?? settings.hidden.measure)
  const measure = computed(() => measures[shown.value])
  const subtitle = computed(() => {
    if (!run.value || !stack.value) return 'how alike the layers are'
    const found = query.value.value
    const last = stack.value.layers
    const of = found
      ? ` of ${found.samples.count} ${found.samples.kind} × ${found.width} · ${leftOut[found.samples.kind]}`
      : ''
    return `${side.value}.hidden.0–${last} · ${last + 1} × ${last + 1} · ${measure.value.name}${of}${providerSuffix(run.value)}`
  })
  const notes = computed(() => {
    const found = query.value.value
    const few = found && found.measure === 'cka' && found.samples.count < found.width
    return [
      meanings[shown.value],
      `Of this clip only, ${leftOut[found?.samples.kind ?? 'steps']}. A click chooses the row’s layer.`,
      ...(few ? [`There are fewer ${found.samples.kind} than dimensions: CKA comes out too high.`] : []),
    ]
  })
  return { query, measure, subtitle, notes }
}
