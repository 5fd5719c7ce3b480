import type { Family } from './family.ts'
import { waveform } from './waveform.ts'

/** Data2Vec-Audio (Baevski et al. 2022): Wav2Vec2 with five short positional convolutions where it has one. */
export const data2vecAudio: Family = {
  ...waveform,
  id: 'data2vec-audio',
  name: 'Data2Vec-Audio',
  modelTypes: ['data2vec-audio'],
}
