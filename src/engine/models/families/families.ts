import type { FamilyId } from '../../../contract/model.ts'
import { ast } from './ast.ts'
import { data2vecAudio } from './data2vec-audio.ts'
import type { Family } from './family.ts'
import { hubert } from './hubert.ts'
import { mappedFilterBank } from './mapped-filter-bank.ts'
import { mappedLogMel } from './mapped-log-mel.ts'
import { mappedWaveform } from './mapped-waveform.ts'
import { moonshine } from './moonshine.ts'
import { sew } from './sew.ts'
import { unispeech } from './unispeech.ts'
import { unispeechSat } from './unispeech-sat.ts'
import { wav2vec2 } from './wav2vec2.ts'
import { wav2vec2Bert } from './wav2vec2-bert.ts'
import { wav2vec2Conformer } from './wav2vec2-conformer.ts'
import { wavlm } from './wavlm.ts'
import { whisper } from './whisper.ts'

export const familyById: Record<FamilyId, Family> = {
  wav2vec2,
  whisper,
  ast,
  hubert,
  wavlm,
  'data2vec-audio': data2vecAudio,
  unispeech,
  'unispeech-sat': unispeechSat,
  sew,
  'wav2vec2-conformer': wav2vec2Conformer,
  'wav2vec2-bert': wav2vec2Bert,
  moonshine,
  waveform: mappedWaveform,
  'log-mel': mappedLogMel,
  'filter-bank': mappedFilterBank,
}

export const families: Family[] = Object.values(familyById)

/** The model types that need no mapping, for a sentence. */
export const knownTypes = families.flatMap(({ mappedTo, modelTypes }) => (mappedTo ? [] : modelTypes)).join(', ')

/** The family of a config.json's `model_type`; undefined where it is none of ours. */
export const familyOf = (modelType: string): Family | undefined =>
  families.find((family) => family.modelTypes.includes(modelType))
