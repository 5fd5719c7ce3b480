import type { TimeGrid } from '../../../contract/grid.ts'
import { logMel, logMelBank, type LogMelOptions } from '../../../signal/log-mel.ts'
import { configCount, configNumber, modelRate } from './config-number.ts'
import type { Family } from './family.ts'

/** Whisper: a log-mel spectrogram, always padded to 30 s, and an encoder state every second frame. */
export const whisper: Family = {
  id: 'whisper',
  name: 'Whisper',
  modelTypes: ['whisper'],
  encoderKeys: { layers: 'encoder_layers', heads: 'encoder_attention_heads', width: 'd_model' },
  decoder: {
    keys: { layers: 'decoder_layers', heads: 'decoder_attention_heads', width: 'd_model' },
    positions: 'max_target_positions',
    maxLength: 'after-prompt',
  },
  input: 'input_features',
  minSamples: () => 1,
  maxSeconds: (preprocessor) => configNumber(preprocessor, 'chunk_length', 30),
  bandHertz: (preprocessor) => logMelBank(logMelOptions(preprocessor)).centres,
  features: (samples, preprocessor) => {
    const options = logMelOptions(preprocessor)
    const { data, frames } = logMel(samples, options)
    return { dtype: 'float32', shape: [options.bands, frames], axes: whisper.axes(preprocessor), data }
  },
  axes: () => ['mel', 'frame'],
  filled: (preprocessor) => logMelOptions(preprocessor).samples,
  grids: (samples, start, preprocessor, config) => {
    const { rate, hop, fftSize } = logMelOptions(preprocessor)
    const features = melGrid(samples, start, preprocessor)
    const states = configCount(config, 'max_source_positions', features.count / 2)
    // a state sees five frames, two on either side of its own
    return {
      features,
      encoder: centred(start, (2 * hop) / rate, (4 * hop + fftSize) / rate, states, samples / rate),
    }
  },
  lastHidden: () => 'after-norm',
}

const logMelOptions = (preprocessor: Record<string, unknown>): LogMelOptions => {
  const rate = modelRate(preprocessor)
  return {
    bands: configCount(preprocessor, 'feature_size', 80),
    rate,
    fftSize: configCount(preprocessor, 'n_fft', 400),
    hop: configCount(preprocessor, 'hop_length', 160),
    samples: Math.round(configNumber(preprocessor, 'chunk_length', 30) * rate),
  }
}

/** Frame j is centred at sample j · hop. */
export const melGrid = (samples: number, start: number, preprocessor: Record<string, unknown>): TimeGrid => {
  const { rate, hop, fftSize, samples: padded } = logMelOptions(preprocessor)
  return centred(start, hop / rate, fftSize / rate, Math.floor(padded / hop), samples / rate)
}

/** A grid whose step 0 is centred on the clip's first sample; valid are the steps centred inside its `seconds`. */
const centred = (start: number, step: number, width: number, count: number, seconds: number): TimeGrid => ({
  start,
  step,
  width,
  count,
  // 5 s / 0.02 s is 250.00000000000003 in floating point
  valid: Math.min(count, Math.ceil(seconds / step - 1e-6)),
})
