import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/** UniSpeech-SAT (Chen et al. 2021): HuBERT that tells speakers apart; the same graph. */
export const unispeechSat: Family = {
  ...waveform,
  id: 'unispeech-sat',
  name: 'UniSpeech-SAT',
  modelTypes: ['unispeech-sat'],
}
