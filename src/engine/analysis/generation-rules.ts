import { EngineError } from '../../contract/errors.ts'
import { familyById } from '../models/families/families.ts'
import type { Decoder } from '../models/families/family.ts'
import type { Model } from '../models/model.ts'

/** What generation_config.json says; a folder without one is read by its config.json. Token ids throughout. */
export interface GenerationRules {
  start: number
  /** any of these ends the sequence */
  ends: number[]
  /** language code → token; empty for English-only models */
  languages: Map<string, number>
  /** task → token; empty where the checkpoint has none */
  tasks: Map<string, number>
  noTimestamps: number | null
  suppress: number[]
  /** suppressed for the first generated token only */
  beginSuppress: number[]
  /** longest sequence, prompt included */
  positions: number
  maxLength: number | null
  /** whether `maxLength` counts the prompt */
  countsPrompt: boolean
  maxNewTokens: number | null
}

type Json = Record<string, unknown>

/** Throws `bad-model` where the configs name no start or end token. */
export const generationRules = (config: Json, generation: Json | null, decoder: Decoder): GenerationRules => {
  const settings = generation ?? config
  const english = settings['is_multilingual'] === false || !settings['lang_to_id']
  const start = whole(settings['decoder_start_token_id'] ?? config['decoder_start_token_id'])
  const end = settings['eos_token_id'] ?? config['eos_token_id']
  const ends = ids(Array.isArray(end) ? end : [end])
  if (start === null) throw missing('decoder_start_token_id')
  if (ends.length === 0) throw missing('eos_token_id')
  return {
    start,
    ends,
    languages: english ? new Map() : table(settings['lang_to_id'], (name) => name.replace(/^<\|(.*)\|>$/, '$1')),
    tasks: english ? new Map() : table(settings['task_to_id'], (name) => name),
    noTimestamps: whole(settings['no_timestamps_token_id']),
    suppress: ids(settings['suppress_tokens']),
    beginSuppress: ids(settings['begin_suppress_tokens']),
    positions: whole(config[decoder.positions]) ?? 448,
    maxLength: whole(generation?.['max_length']),
    countsPrompt: decoder.maxLength === 'all',
    maxNewTokens: whole(generation?.['max_new_tokens']),
  }
}

const missing = (name: string): EngineError =>
  new EngineError('bad-model', `neither generation_config.json nor config.json names ${name}`)

const whole = (value: unknown): number | null => (Number.isInteger(value) ? (value as number) : null)

const ids = (value: unknown): number[] => (Array.isArray(value) ? value.filter((id) => Number.isInteger(id)) : [])

const table = (value: unknown, key: (name: string) => string): Map<string, number> =>
  new Map(Object.entries((value ?? {}) as Record<string, number>).map(([name, id]) => [key(name), id]))

/** Throws `bad-model` where there is no decoder, or the configs name no start or end token. */
export const rulesOf = ({
  card,
  config,
  generation,
}: Pick<Model, 'card' | 'config' | 'generation'>): GenerationRules => {
  const { decoder } = familyById[card.family]
  if (!decoder) throw new EngineError('bad-model', `${card.id} has no decoder that writes text`)
  return generationRules(config, generation, decoder)
}
