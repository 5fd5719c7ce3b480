import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/**
 * WavLM (Chen et al. 2021): HuBERT whose attention adds a relative position to its scores, gated by what the query hears.
 * Hugging Face hands out the mean over heads in every head's place; here each head has its own.
 */
export const wavlm: Family = { ...waveform, id: 'wavlm', name: 'WavLM', modelTypes: ['wavlm'] }
