import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/** Wav2Vec2 (Baevski et al. 2020). */
export const wav2vec2: Family = { ...waveform, id: 'wav2vec2', name: 'Wav2Vec2', modelTypes: ['wav2vec2'] }
