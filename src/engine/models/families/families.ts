import type { FamilyId } from '../../../contract/model.ts'
import { ast } from './ast.ts'
import type { Family } from './family.ts'
import { wav2vec2 } from './wav2vec2.ts'
import { whisper } from './whisper.ts'

export const familyById: Record<FamilyId, Family> = { wav2vec2, whisper, ast }

export const families: Family[] = Object.values(familyById)

/** The family of a config.json's `model_type`; undefined where it is none of ours. */
export const familyOf = (modelType: string): Family | undefined =>
  families.find((family) => family.modelTypes.includes(modelType))
