import { modelRate } from './config-number.ts'
import type { Family } from './family.ts'
import { mappedInput } from './mapped.ts'
import { leastSamples, stemGrid } from './stem.ts'
import { sampleGrid, waveform } from './waveform.ts'

/** A model of no known family on a waveform, prepared as Wav2Vec2's. */
export const mappedWaveform: Family = {
  ...waveform,
  id: 'waveform',
  name: 'Unknown waveform model',
  input: mappedInput,
  modelTypes: ['waveform'],
  mappedTo: (preprocessor) =>
    `a waveform at ${modelRate(preprocessor)} Hz, ${preprocessor['do_normalize'] === false ? 'as it is' : 'brought to zero mean and unit variance'}`,
  minSamples: leastSamples,
  grids: (samples, start, preprocessor, config) => {
    const rate = modelRate(preprocessor)
    const features = sampleGrid(samples, start, rate)
    return { features, encoder: stemGrid(features, start + samples / rate, config) }
  },
}
