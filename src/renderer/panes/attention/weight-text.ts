import type { WeightKind } from '../../../contract/weights.ts'
import type { Settings } from '../../stores/settings.ts'
import type { Site } from '../site.ts'
import { contrastText } from '../weight-contrast.ts'

/** What is shown of the weights, in words. */
export const weightText: Record<WeightKind, { label: string; note: string }> = {
  raw: { label: 'raw', note: '' },
  rollout: {
    label: 'rollout',
    note: 'Mean over heads, half of it the step itself, multiplied from layer 0 up.',
  },
  values: {
    label: 'value-weighted',
    note: 'The norm of what each key’s value adds; each row sums to 1.',
  },
}

type Shown = Pick<Settings['attention'], 'weights' | 'audioOnly' | 'contrast'>

/** A decoder's own tokens have no padding. */
const leavesOut = (site: Site, { audioOnly }: Shown): boolean => audioOnly && site.kind !== 'decoder'

/** "raw · as computed · log", and whether it is what is shown unless something else is chosen */
export const modeText = (site: Site, shown: Shown): { text: string; isPlain: boolean } => ({
  text: [
    weightText[shown.weights].label,
    ...(site.kind === 'decoder' ? [] : [leavesOut(site, shown) ? 'audio only' : 'as computed']),
    contrastText[shown.contrast].label,
  ].join(' · '),
  isPlain: shown.weights === 'raw' && !leavesOut(site, shown),
})

/** Sentences on what is no plain weight. */
export const modeNotes = (site: Site, shown: Shown): string[] => [
  ...(shown.weights === 'rollout' ? [`Layers 0 to ${site.layer}.`] : []),
  ...(weightText[shown.weights].note ? [weightText[shown.weights].note] : []),
  ...(leavesOut(site, shown) ? ['Audio only: padding left out, each head’s rows scaled to sum to 1.'] : []),
]

/** What the small maps of the atlas are of: a rollout has no heads of its own. */
export const atlasWeights = (weights: WeightKind): WeightKind => (weights === 'rollout' ? 'raw' : weights)

/** What the atlas is of where that is not what the map beside it is of; empty where it is. */
export const atlasNote = (metric: Settings['atlas']['metric'], { weights, audioOnly }: Shown): string => {
  if (metric === 'maps') return weights === 'rollout' ? 'The atlas is of raw weights: a rollout has no heads.' : ''
  return weights !== 'raw' || audioOnly ? 'The atlas is of raw weights, as computed.' : ''
}
