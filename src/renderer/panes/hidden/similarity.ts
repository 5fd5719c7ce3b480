import { computed } from 'vue'
import type { LayerSimilarity, SimilarityMeasure } from '../../../contract/hidden.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import { engine } from '../../engine.ts'
import { useQuery } from '../../query.ts'
import { providerSuffix } from '../../run-facts.ts'
import { useSettings } from '../../stores/settings.ts'
import type { Chosen } from './chosen.ts'
import { useOthers } from './others.ts'
import { similarityNotes, samplesText } from './similarity-text.ts'

/** colours stay what they are from clip to clip: the whole range of each measure */
const measures: Record<SimilarityMeasure, { name: string; colour: ColourScale }> = {
  cka: { name: 'linear CKA', colour: { map: 'viridis', low: 0, high: 1, scale: 'linear', unit: 'linear CKA' } },
  cosine: { name: 'mean cosine', colour: { map: 'rdbu', low: -1, high: 1, scale: 'linear', unit: 'mean cosine' } },
}

/** What is shown: the numbers, and what the columns are layers of; empty where it is the run itself. */
export type Shown = LayerSimilarity & { other: string }

/** How alike the layers of the chosen stack are over the column's clip, with each other or with another run's. */
export const useSimilarity = ({ run, side, stack }: Chosen) => {
  const settings = useSettings()
  const asked = computed(() => settings.hidden.view === 'similarity')
  const { choices, chosen } = useOthers(() => asked.value)
  const other = computed(() => chosen.value?.run ?? null)
  /** why there is nothing to compare with, or not by this measure */
  const refused = computed(() => {
    const choice = chosen.value
    if (!choice || !run.value) return ''
    if (!choice.run) return choice.missing || `There is no result of it yet.`
    const theirs = choice.run[side.value]
    if (!theirs) return `${choice.run.model.id} has no ${side.value}.`
    if (side.value === 'decoder' && choice.run.model.hash !== run.value.model.hash)
      return 'Tokens have no place in time: decoders of two models are not compared.'
    return ''
  })
  const cosineRefused = computed(() => {
    const theirs = other.value?.[side.value]
    return theirs && theirs.width !== stack.value?.width
      ? `a cosine needs as many dimensions: ${stack.value?.width} and ${theirs.width}`
      : ''
  })
  const measureOf = computed(() => (cosineRefused.value ? 'cka' : settings.hidden.measure))
  const query = useQuery({
    name: 'similarity',
    input: () => {
      if (!run.value || !asked.value || refused.value) return null
      const what = { run: run.value.id, side: side.value, measure: measureOf.value }
      return other.value ? { ...what, with: other.value.id, name: chosen.value!.name } : { ...what, name: '' }
    },
    identity: (input) => `${input.run} ${input.side}`,
    call: async ({ name, ...input }, options): Promise<Shown> => ({
      ...(await engine['runs.layerSimilarity'](input, options)),
      other: name,
    }),
  })
  const shown = query.value
  const measure = computed(() => measures[shown.value?.measure ?? measureOf.value])
  const subtitle = computed(() => {
    if (!run.value || !stack.value) return 'how alike the layers are'
    const found = shown.value
    const last = stack.value.layers
    const columns = found ? found.otherStates : last + 1
    const beside = found?.other ? ` with ${found.other}` : ''
    const of = found ? ` of ${samplesText(found)}` : ''
    return `${side.value}.hidden.0–${last}${beside} · ${last + 1} × ${columns} · ${measure.value.name}${of}${providerSuffix(run.value)}`
  })
  const notes = computed(() =>
    refused.value ? [refused.value] : similarityNotes(shown.value, settings.hidden.measure),
  )
  return { query, shown, measure, measureOf, cosineRefused, choices, chosen, subtitle, notes }
}
