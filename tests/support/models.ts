import { fileURLToPath } from 'node:url'

/** The ids of the models in the box, by family: tests name them here and nowhere else. */
export const starters = { ast: 'ast-starter', wav2vec2: 'wav2vec2-starter', whisper: 'whisper-starter' } as const

/** What their arrays' shapes follow from; `layers` are the encoder's, `states` those of one second of sound. */
export const shapes = {
  ast: { layers: 5, width: 192, columns: 64, tokens: 514 },
  wav2vec2: { layers: 5, width: 192, states: 48 },
  whisper: { layers: 4, width: 192, vocabulary: 739, positions: 128 },
} as const

/** The folder of a tiny model of random weights, made with the goldens: for what any model would do, and for what is untrained. */
export const goldenModel = (name: string): string => fileURLToPath(new URL(`../golden/models/${name}`, import.meta.url))
