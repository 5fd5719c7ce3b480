import type { TimeGrid } from '../../../contract/grid.ts'
import { configCount, modelRate } from './config-number.ts'
import type { Family } from './family.ts'
import { receptiveField, stateGrid, waveform } from './waveform.ts'

/** SEW (Wu et al. 2021): Wav2Vec2 whose layers work on means of `squeeze_factor` states; its head has all of them again. */
export const sew: Family = {
  ...waveform,
  id: 'sew',
  name: 'SEW',
  modelTypes: ['sew'],
  minSamples: (config) => {
    const { seen, step } = receptiveField(config)
    return seen + (squeeze(config) - 1) * step
  },
  grids: (samples, start, preprocessor, config) => {
    const { features } = waveform.grids(samples, start, preprocessor, config)
    const output = stateGrid(samples, start, modelRate(preprocessor), config)
    return { features, encoder: squeezed(output, squeeze(config)), output }
  },
  lastHidden: () => 'after-norm',
}

const squeeze = (config: Record<string, unknown>): number => configCount(config, 'squeeze_factor', 2)

/** Means of `factor` neighbours; what is left over at the end is in none. */
const squeezed = ({ start, step, width, count }: TimeGrid, factor: number): TimeGrid => {
  const whole = Math.floor(count / factor)
  const half = ((factor - 1) / 2) * step
  return { start: start + half, step: factor * step, width: width + 2 * half, count: whole, valid: whole }
}
