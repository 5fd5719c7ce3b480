import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/** UniSpeech (Wang et al. 2021): Wav2Vec2 trained on phonemes as well; the same graph. */
export const unispeech: Family = { ...waveform, id: 'unispeech', name: 'UniSpeech', modelTypes: ['unispeech'] }
