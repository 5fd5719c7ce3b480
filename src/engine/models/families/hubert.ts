import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/** HuBERT (Hsu et al. 2021): Wav2Vec2 trained to name clusters of hidden sounds; the same graph. */
export const hubert: Family = { ...waveform, id: 'hubert', name: 'HuBERT', modelTypes: ['hubert'] }
