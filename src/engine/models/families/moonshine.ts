import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/** In the code of its authors and not in config.json (Jeffries et al. 2024, §3.1). */
const stem = { conv_kernel: [127, 7, 3], conv_stride: [64, 3, 2] }

/** Moonshine: an encoder on the waveform, a state every 24 ms and no padding, and a decoder; both with rotary positions. */
export const moonshine: Family = {
  ...waveform,
  id: 'moonshine',
  name: 'Moonshine',
  modelTypes: ['moonshine'],
  encoderKeys: { layers: 'encoder_num_hidden_layers', heads: 'encoder_num_attention_heads', width: 'hidden_size' },
  decoder: {
    keys: { layers: 'decoder_num_hidden_layers', heads: 'decoder_num_attention_heads', width: 'hidden_size' },
    positions: 'max_position_embeddings',
    maxLength: 'all',
  },
  minSamples: () => waveform.minSamples(stem),
  grids: (samples, start, preprocessor) => waveform.grids(samples, start, preprocessor, stem),
  lastHidden: () => 'after-norm',
}
