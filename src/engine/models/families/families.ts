import { ast } from './ast.ts'
import type { Family } from './family.ts'
import { wav2vec2 } from './wav2vec2.ts'
import { whisper } from './whisper.ts'

export const families: Family[] = [wav2vec2, whisper, ast]

/** The family of a config.json's `model_type`. */
export const familyOf = (modelType: string): Family | undefined =>
  families.find((family) => family.modelTypes.includes(modelType))
