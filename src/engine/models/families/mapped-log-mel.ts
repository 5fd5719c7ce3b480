import { modelRate } from './config-number.ts'
import type { Family } from './family.ts'
import { mappedAxes, mappedInput, turned } from './mapped.ts'
import { stemGrid } from './stem.ts'
import { melGrid, whisper } from './whisper.ts'

const { minSamples, maxSeconds, bandHertz, filled, lastHidden } = whisper

/** An encoder of no known family on a log-mel spectrogram, prepared as Whisper's. */
export const mappedLogMel: Family = {
  minSamples,
  maxSeconds,
  bandHertz,
  ...(filled && { filled }),
  lastHidden,
  id: 'log-mel',
  name: 'Unknown log-mel model',
  input: mappedInput,
  modelTypes: ['log-mel'],
  mappedTo: (preprocessor) =>
    `a log-mel spectrogram as Whisper hears, ${bandHertz(preprocessor)?.length} bands of ${maxSeconds(preprocessor)} s at ${modelRate(preprocessor)} Hz`,
  features: (samples, preprocessor) => turned(whisper.features(samples, preprocessor), mappedAxes(preprocessor)),
  axes: mappedAxes,
  grids: (samples, start, preprocessor, config) => {
    const features = melGrid(samples, start, preprocessor)
    return { features, encoder: stemGrid(features, start + samples / modelRate(preprocessor), config) }
  },
}
