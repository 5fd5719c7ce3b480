import { kaldiFbank, kaldiFilters, kaldiFrame, kaldiFrames, kaldiHop } from '../../../signal/kaldi.ts'
import { adapterGrid } from './adapter.ts'
import { configCount, configNumber, modelRate } from './config-number.ts'
import type { Family } from './family.ts'

/**
 * Wav2Vec2-BERT (Barrault et al. 2023, Seamless): a Conformer over pairs of frames of a Kaldi filter bank. What is left of the last
 * pair is padding, which the graph is told where it takes a mask.
 */
export const wav2vec2Bert: Family = {
  id: 'wav2vec2-bert',
  name: 'Wav2Vec2-BERT',
  modelTypes: ['wav2vec2-bert'],
  input: 'input_features',
  // two frames: the variance over one is no number
  minSamples: () => kaldiFrame + kaldiHop,
  maxSeconds: () => null,
  bandHertz: (preprocessor) => kaldiFilters(bandCount(preprocessor), modelRate(preprocessor)).centres,
  stacked: (preprocessor) => configCount(preprocessor, 'stride', 2),
  features: (samples, preprocessor) => {
    const bands = bandCount(preprocessor)
    const bank = { bands, rate: modelRate(preprocessor), window: 'povey', scale: 2 ** 15 } as const
    const { data, frames } = kaldiFbank(samples, bank)
    if (preprocessor['do_normalize_per_mel_bins'] !== false) normaliseBands(data, bands, frames)
    const padded = wholeRows(frames, preprocessor)
    const all = new Float32Array(padded * bands).fill(configNumber(preprocessor, 'padding_value', 0))
    all.set(data.subarray(0, all.length))
    return { dtype: 'float32', shape: [padded, bands], axes: wav2vec2Bert.axes(preprocessor), data: all }
  },
  axes: () => ['frame', 'mel'],
  grids: (samples, start, preprocessor, config) => {
    const rate = modelRate(preprocessor)
    const frames = kaldiFrames(samples)
    const stride = configCount(preprocessor, 'stride', 2)
    const hop = kaldiHop / rate
    const seen = kaldiFrame / rate
    const centre = start + seen / 2
    const count = wholeRows(frames, preprocessor)
    const features = { start: centre, step: hop, width: seen, count, valid: Math.min(count, frames) }
    const encoder = {
      start: centre + ((stride - 1) / 2) * hop,
      step: stride * hop,
      width: seen + (stride - 1) * hop,
      count: count / stride,
      valid: Math.floor(frames / stride),
    }
    if (config['add_adapter'] !== true) return { features, encoder }
    const padding = Math.floor(configCount(config, 'adapter_stride', 2) / 2)
    return { features, encoder, output: adapterGrid(encoder, config, { layers: 1, padding }) }
  },
  adapterSites: (config) => (config['add_adapter'] === true ? configCount(config, 'num_adapter_layers', 1) : 0),
  lastHidden: () => 'after-norm',
}

const bandCount = (preprocessor: Record<string, unknown>): number => configCount(preprocessor, 'num_mel_bins', 80)

/** Frames of the whole rows: the extractor fills up to an even number and drops what then makes no row. */
const wholeRows = (frames: number, preprocessor: Record<string, unknown>): number => {
  const stride = configCount(preprocessor, 'stride', 2)
  return Math.floor((2 * Math.ceil(frames / 2)) / stride) * stride
}

/**
 * Zero mean and unit variance of every band over the clip, in place; the variance is that of a sample (over frames − 1). In a band that
 * never changes the rounding of the mean is all there is, and 1e-7 makes 0.003 of it: so it is rounded as numpy rounds.
 */
const normaliseBands = (data: Float32Array, bands: number, frames: number): void => {
  for (let band = 0; band < bands; band++) {
    const values = Float32Array.from({ length: frames }, (_, frame) => data[frame * bands + band]!)
    const mean = Math.fround(pairwiseSum(values) / frames)
    const centred = values.map((value) => value - mean)
    const variance = Math.fround(pairwiseSum(centred.map((value) => value * value)) / (frames - 1))
    const scale = Math.fround(Math.sqrt(Math.fround(variance + 1e-7)))
    for (let frame = 0; frame < frames; frame++) data[frame * bands + band] = centred[frame]! / scale
  }
}

/** In float32, by halves down to 128 numbers, which eight sums share (numpy's pairwise_sum). */
const pairwiseSum = (values: Float32Array): number => {
  const { length } = values
  if (length > 128) {
    const half = Math.floor(length / 2) - (Math.floor(length / 2) % 8)
    return Math.fround(pairwiseSum(values.subarray(0, half)) + pairwiseSum(values.subarray(half)))
  }
  const whole = length - (length % 8)
  const sums = new Float32Array(8)
  for (let i = 0; i < whole; i++) sums[i % 8]! += values[i]!
  for (let step = 1; step < 8; step *= 2) for (let i = 0; i < 8; i += 2 * step) sums[i]! += sums[i + step]!
  let sum = sums[0]!
  for (let i = whole; i < length; i++) sum = Math.fround(sum + values[i]!)
  return sum
}
