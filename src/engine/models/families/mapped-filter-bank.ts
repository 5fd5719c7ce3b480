import { ast, frameGrid } from './ast.ts'
import { modelRate } from './config-number.ts'
import type { Family } from './family.ts'
import { mappedAxes, mappedInput, turned } from './mapped.ts'
import { stemGrid } from './stem.ts'
import { waveform } from './waveform.ts'

const { minSamples, maxSeconds, bandHertz } = ast

/** A model of no known family on Kaldi's filter bank, prepared as AST's: a plain vision transformer, for one. */
export const mappedFilterBank: Family = {
  minSamples,
  maxSeconds,
  bandHertz,
  id: 'filter-bank',
  name: 'Unknown filter-bank model',
  input: mappedInput,
  modelTypes: ['filter-bank'],
  mappedTo: (preprocessor) =>
    `a Kaldi filter bank as AST hears, ${bandHertz(preprocessor)?.length} bands of ${maxSeconds(preprocessor)} s at ${modelRate(preprocessor)} Hz`,
  features: (samples, preprocessor) => turned(ast.features(samples, preprocessor), mappedAxes(preprocessor)),
  axes: mappedAxes,
  grids: (samples, start, preprocessor, config) => {
    const features = frameGrid(samples, start, preprocessor)
    return { features, encoder: stemGrid(features, start + samples / modelRate(preprocessor), config) }
  },
  lastHidden: waveform.lastHidden,
}
