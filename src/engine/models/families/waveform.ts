import type { TimeGrid } from '../../../contract/grid.ts'
import { EngineError } from '../../../contract/errors.ts'
import { adapterGrid } from './adapter.ts'
import type { Family, Levelling } from './family.ts'
import { modelRate } from './config-number.ts'

/** What Wav2Vec2 and its kin share: raw samples in, a state every 20 ms where the convolutions are the usual ones. */
export const waveform: Omit<Family, 'id' | 'name' | 'modelTypes'> = {
  input: 'input_values',
  minSamples: (config) => receptiveField(config).seen,
  maxSeconds: () => null,
  bandHertz: () => null,
  features: (samples, preprocessor) => ({
    dtype: 'float32',
    shape: [samples.length],
    axes: waveform.axes(preprocessor),
    data: levelled(samples, levelling(samples, preprocessor)),
  }),
  levelled: (samples, preprocessor) => levelling(samples, preprocessor),
  axes: () => ['sample'],
  grids: (samples, start, preprocessor, config) => {
    const rate = modelRate(preprocessor)
    const features = sampleGrid(samples, start, rate)
    const encoder = stateGrid(samples, start, rate, config)
    return config['add_adapter'] === true
      ? { features, encoder, output: adapterGrid(encoder, config, { layers: 3, padding: 1 }) }
      : { features, encoder }
  },
  // transformers 5 hands out the last layer of a stable-norm encoder as it was before the final norm
  lastHidden: (config) => (config['do_stable_layer_norm'] === true ? 'before-norm' : 'after-norm'),
}

export const sampleGrid = (samples: number, start: number, rate: number): TimeGrid => ({
  start,
  step: 1 / rate,
  width: 1 / rate,
  count: samples,
  valid: samples,
})

/** Zero mean, unit variance over the clip (`zero_mean_unit_var_norm`); 1e-7 keeps silence finite. */
const levelling = (samples: Float32Array, preprocessor: Record<string, unknown>): Levelling | null => {
  if (preprocessor['do_normalize'] === false) return null
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length
  return { mean, scale: Math.sqrt(variance + 1e-7) }
}

const levelled = (samples: Float32Array, by: Levelling | null): Float32Array =>
  by ? samples.map((x) => (x - by.mean) / by.scale) : samples.slice()

interface Convolution {
  kernel: number
  stride: number
}

const convolutions = (config: Record<string, unknown>): Convolution[] => {
  const strides = countList(config, 'conv_stride', [5, 2, 2, 2, 2, 2, 2])
  return countList(config, 'conv_kernel', [10, 3, 3, 3, 3, 2, 2]).map((kernel, i) => ({
    kernel,
    stride: strides[i] ?? 1,
  }))
}

/** In samples: what one state sees, and how far apart two are. */
export const receptiveField = (config: Record<string, unknown>): { seen: number; step: number } =>
  convolutions(config).reduce(
    ({ seen, step }, { kernel, stride }) => ({ seen: seen + (kernel - 1) * step, step: step * stride }),
    {
      seen: 1,
      step: 1,
    },
  )

/** The convolution stem's output, one state after the other: unpadded convolutions, so a state sees a whole stretch of samples and none of padding. */
export const stateGrid = (samples: number, start: number, rate: number, config: Record<string, unknown>): TimeGrid => {
  const { seen, step } = receptiveField(config)
  const count = convolutions(config).reduce(
    (length, { kernel, stride }) => Math.max(0, Math.floor((length - kernel) / stride) + 1),
    samples,
  )
  // centre of the samples 0 … seen − 1
  return { start: start + (seen - 1) / 2 / rate, step: step / rate, width: seen / rate, count, valid: count }
}

const countList = (config: Record<string, unknown>, key: string, fallback: number[]): number[] => {
  const value = config[key] ?? fallback
  if (Array.isArray(value) && value.every((n): n is number => Number.isInteger(n) && n > 0)) return value
  throw new EngineError(
    'bad-model',
    `the model's config has ${key}: ${JSON.stringify(value)}, which should list numbers`,
  )
}
