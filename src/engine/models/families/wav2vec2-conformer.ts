import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/**
 * Wav2Vec2-Conformer (Wang et al. 2020, fairseq S2T): half a feed-forward layer before the attention, a convolution after it, and
 * relative positions added to the scores or turned into queries and keys.
 */
export const wav2vec2Conformer: Family = {
  ...waveform,
  id: 'wav2vec2-conformer',
  name: 'Wav2Vec2-Conformer',
  modelTypes: ['wav2vec2-conformer'],
  lastHidden: () => 'after-norm',
}
