import type { TimeGrid } from '../../../contract/grid.ts'
import { EngineError } from '../../../contract/errors.ts'
import { kaldiFbank, kaldiFilters, kaldiFrame, kaldiFrames, kaldiHop } from '../../../signal/kaldi.ts'
import { configCount, configNumber, modelRate } from './config-number.ts'
import type { Family } from './family.ts'

/** Audio Spectrogram Transformer: patches of a Kaldi filter bank padded to 1024 frames, overlapping where the stride is below their size. */
export const ast: Family = {
  id: 'ast',
  name: 'AST',
  modelTypes: ['audio-spectrogram-transformer'],
  input: 'input_values',
  minSamples: () => kaldiFrame,
  maxSeconds: (preprocessor) => (configCount(preprocessor, 'max_length', 1024) * kaldiHop) / modelRate(preprocessor),
  bandHertz: (preprocessor) =>
    kaldiFilters(configCount(preprocessor, 'num_mel_bins', 128), modelRate(preprocessor)).centres,
  features: (samples, preprocessor) => {
    const frames = configCount(preprocessor, 'max_length', 1024)
    const bands = configCount(preprocessor, 'num_mel_bins', 128)
    const data = new Float32Array(frames * bands)
    const rate = modelRate(preprocessor)
    data.set(kaldiFbank(samples, { bands, rate, window: 'hann', scale: 1, limit: frames }).data)
    if (preprocessor['do_normalize'] !== false) normalise(data, preprocessor)
    return { dtype: 'float32', shape: [frames, bands], axes: ast.axes(preprocessor), data }
  },
  axes: () => ['frame', 'mel'],
  patchBands: (config) => ({
    size: configCount(config, 'patch_size', 16),
    stride: configCount(config, 'frequency_stride', 10),
  }),
  grids: (samples, start, preprocessor, config) => {
    const features = frameGrid(samples, start, preprocessor)
    return { features, encoder: patchGrid(samples, start, modelRate(preprocessor), config) }
  },
  lastHidden: () => 'before-norm',
}

export const frameGrid = (samples: number, start: number, preprocessor: Record<string, unknown>): TimeGrid => {
  const rate = modelRate(preprocessor)
  const count = configCount(preprocessor, 'max_length', 1024)
  return {
    start: start + kaldiFrame / 2 / rate,
    step: kaldiHop / rate,
    width: kaldiFrame / rate,
    count,
    valid: Math.min(count, kaldiFrames(samples)),
  }
}

/** Padding is zero before this and so about +0.467 after it: brighter than silence. */
const normalise = (data: Float32Array, preprocessor: Record<string, unknown>): void => {
  const mean = configNumber(preprocessor, 'mean', -4.2677393)
  const twice = 2 * configNumber(preprocessor, 'std', 4.5689974)
  if (twice === 0) throw new EngineError('bad-model', "the model's preprocessor has std: 0, which cannot be divided by")
  for (let i = 0; i < data.length; i++) data[i] = (data[i]! - mean) / twice
}

/** Patches of `patch_size` frames and bands; a column is centred on the samples its frames cover. */
const patchGrid = (samples: number, start: number, rate: number, config: Record<string, unknown>) => {
  const { size: patch, stride } = ast.patchBands!(config)
  const hop = configCount(config, 'time_stride', 10)
  const columns = Math.floor((configCount(config, 'max_length', 1024) - patch) / hop) + 1
  const bands = Math.floor((configCount(config, 'num_mel_bins', 128) - patch) / stride) + 1
  const step = hop * kaldiHop
  const seen = (patch - 1) * kaldiHop + kaldiFrame
  const onAudio = Math.ceil((samples - seen / 2) / step)
  const time = {
    start: start + seen / 2 / rate,
    step: step / rate,
    width: seen / rate,
    count: columns,
    valid: Math.min(columns, Math.max(0, onAudio)),
  }
  return { time, bands, special: 2 }
}
