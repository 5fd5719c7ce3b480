import { configCount, modelRate } from './config-number.ts'
import type { Family } from './family.ts'
import { mappedInput } from './mapped.ts'
import { leastSamples, stemGrid } from './stem.ts'
import { sampleGrid, waveform } from './waveform.ts'

/** Samples of the only length that some graphs take: what is shorter has silence after it. */
const onlyLength = (preprocessor: Record<string, unknown>): number | undefined =>
  preprocessor['samples'] === undefined ? undefined : configCount(preprocessor, 'samples', 0)

/** A model of no known family on a waveform, prepared as Wav2Vec2's. */
export const mappedWaveform: Family = {
  ...waveform,
  id: 'waveform',
  name: 'Unknown waveform model',
  input: mappedInput,
  modelTypes: ['waveform'],
  mappedTo: (preprocessor) => {
    const most = mappedWaveform.maxSeconds(preprocessor)
    const length = most === null ? '' : `, ${most} s of it`
    const level = preprocessor['do_normalize'] === false ? 'as it is' : 'brought to zero mean and unit variance'
    return `a waveform at ${modelRate(preprocessor)} Hz${length}, ${level}`
  },
  minSamples: leastSamples,
  filled: onlyLength,
  maxSeconds: (preprocessor) => {
    const length = onlyLength(preprocessor)
    return length === undefined ? null : length / modelRate(preprocessor)
  },
  features: (samples, preprocessor) => {
    const features = waveform.features(samples, preprocessor)
    const data = new Float32Array(onlyLength(preprocessor) ?? samples.length)
    data.set(features.data as Float32Array)
    return { ...features, shape: [data.length], data }
  },
  grids: (samples, start, preprocessor, config) => {
    const rate = modelRate(preprocessor)
    const features = { ...sampleGrid(samples, start, rate), count: onlyLength(preprocessor) ?? samples }
    return { features, encoder: stemGrid(features, start + samples / rate, config) }
  },
}
