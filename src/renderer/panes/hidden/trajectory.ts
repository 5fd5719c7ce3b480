import { computed } from 'vue'
import { isPatchGrid, secondsAt } from '../../../contract/grid.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import { engine } from '../../engine.ts'
import { percent } from '../../format.ts'
import { useQuery } from '../../query.ts'
import { providerSuffix } from '../../run-facts.ts'
import { useSettings } from '../../stores/settings.ts'
import type { Chosen } from './chosen.ts'
import { useOthers } from './others.ts'

/** The clip's way through the plane in which the chosen hidden state varies most. */
export const useTrajectory = ({ run, side, layer, tap }: Chosen) => {
  const settings = useSettings()
  const { choices: others, chosen } = useOthers(() => false)
  /** of the same model: other models' states have no place in its plane */
  const choices = computed(() => others.value.filter(({ id }) => id === 'column' || id === 'baseline'))
  const beside = computed(() => choices.value.find((one) => one === chosen.value) ?? null)
  const query = useQuery({
    name: 'trajectory',
    input: () => {
      if (!run.value || settings.hidden.view !== 'trajectory') return null
      const what = { run: run.value.id, side: side.value, layer: layer.value }
      const other = beside.value?.run
      return other && other.model.hash === run.value.model.hash ? { ...what, with: other.id } : what
    },
    identity: (input) => `${input.run} ${input.side}`,
    call: (input, options) => engine['runs.trajectory'](input, options),
  })
  const colour = computed<ColourScale | null>(() => {
    const found = query.value.value
    if (!found) return null
    const last = Math.max(1, found.points[0].length - 1)
    const [low, high] = found.grid ? [secondsAt(found.grid, 0), secondsAt(found.grid, last)] : [0, last]
    return { map: 'viridis', low, high, scale: 'linear', unit: found.grid ? 'seconds' : 'token' }
  })
  const subtitle = computed(() => {
    if (!run.value) return 'how a layer’s states move through the clip'
    const found = query.value.value
    if (!found) return tap.value
    const shares = found.explained.map((share, i) => `PC ${i + 1} ${percent(share)}`).join(', ')
    const kind = found.grid ? 'steps' : 'tokens'
    return `${tap.value} · ${found.points[0].length} ${kind} × ${found.width} · PCA, variance explained: ${shares}${providerSuffix(run.value)}`
  })
  const notes = computed(() => {
    const other = query.value.value?.other
    const name = beside.value?.name ?? ''
    const also = other
      ? [`In its colour: ${name}’s states in the same plane, which ${name} has no say in.`]
      : beside.value && !beside.value.run
        ? [beside.value.missing || `There is no result of ${name} yet.`]
        : []
    const grid = run.value && side.value === 'encoder' ? run.value.grids.encoder : null
    const leftOut =
      grid && isPatchGrid(grid)
        ? 'Padding and special tokens are left out, bands averaged into columns.'
        : 'Padding is left out.'
    return [
      `Each point is a ${grid ? 'step' : 'token'}, placed by the two directions in which this layer’s states vary most (PCA) on this clip only; signs are arbitrary.`,
      ...also,
      grid ? leftOut : 'The prompt’s tokens are among them.',
    ]
  })
  return { query, colour, choices, beside, subtitle, notes }
}
