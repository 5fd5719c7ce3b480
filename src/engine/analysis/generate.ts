import { setImmediate as macrotask } from 'node:timers/promises'
import { EngineError } from '../../contract/errors.ts'
import type { RunOptions } from '../../contract/run.ts'
import { argmax, keepOnly, probabilityOf, suppress } from './suppress.ts'

/**
 * Whisper's greedy short-form generation without timestamps, as Hugging Face's `generate` does it (transformers 5,
 * whisper/generation_whisper.py), driven by generation_config.json. `forced_decoder_ids` of old configs are ignored.
 */

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
  maxNewTokens: number | null
}

type Json = Record<string, unknown>

/** Throws `bad-model` where the configs name no start or end token. */
export const generationRules = (config: Json, generation: Json | null): GenerationRules => {
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
    positions: whole(config['max_target_positions']) ?? 448,
    maxLength: whole(generation?.['max_length']),
    maxNewTokens: whole(generation?.['max_new_tokens']),
  }
}

const missing = (name: string): EngineError =>
  new EngineError('bad-model', `neither generation_config.json nor config.json names ${name}`)

const whole = (value: unknown): number | null => (Number.isInteger(value) ? (value as number) : null)

const ids = (value: unknown): number[] => (Array.isArray(value) ? value.filter((id) => Number.isInteger(id)) : [])

const table = (value: unknown, key: (name: string) => string): Map<string, number> =>
  new Map(Object.entries((value ?? {}) as Record<string, number>).map(([name, id]) => [key(name), id]))

/** Refuses a language or task the model has no token for. Throws `bad-input` listing those it has. */
export const checkLanguageAndTask = (rules: GenerationRules, options: RunOptions): void => {
  const { language, task } = options
  if (language !== 'auto' && rules.languages.size === 0)
    throw new EngineError(
      'bad-input',
      `this model knows no languages to choose from; leave out the language ${language}`,
    )
  if (language !== 'auto' && !rules.languages.has(language))
    throw new EngineError(
      'bad-input',
      `unknown language: ${language}; this model knows auto, ${[...rules.languages.keys()].sort().join(', ')}`,
    )
  if (task === 'translate' && !rules.tasks.has(task))
    throw new EngineError('bad-input', 'this model transcribes only; leave out the task translate')
}

/** The tokens the decoder starts from; `language` is the code given or detected, null for English-only models. */
export const promptOf = (rules: GenerationRules, language: string | null, task: string): number[] =>
  [
    rules.start,
    language === null ? null : rules.languages.get(language),
    rules.tasks.get(task),
    rules.noTimestamps,
  ].filter((id): id is number => id !== null && id !== undefined)

/** How long the sequence may become, prompt included: max_new_tokens, else max_length beyond the prompt, within the positions. */
export const lengthLimit = (rules: GenerationRules, prompt: number, maxTokens: number | undefined): number => {
  const added = maxTokens ?? rules.maxNewTokens ?? rules.maxLength ?? rules.positions
  return Math.min(prompt + added, rules.positions)
}

/** The most probable language after the start token alone, among the model's own: `scores` [vocabulary] is changed. */
export const detectLanguage = (scores: Float32Array, rules: GenerationRules): { code: string; probability: number } => {
  keepOnly(scores, [...rules.languages.values()])
  const best = argmax(scores)
  const code = [...rules.languages].find(([, id]) => id === best)?.[0]
  if (code === undefined) throw new EngineError('not-finite', 'the decoder gave no finite score for any language')
  return { code, probability: probabilityOf(scores, best) }
}

export interface Generated {
  /** prompt, then what was generated, the end token included where it came */
  ids: number[]
  /** of each generated token: softmax over the scores after suppression, as Hugging Face's `scores` give it */
  probabilities: number[]
}

/**
 * Greedy generation. `next(ids)` gives the scores [vocabulary] after the sequence so far (ours to change). Between tokens a
 * macrotask passes, so that a cancel message can arrive; then the signal is heard. Throws `not-finite` for NaN scores.
 */
export const generate = async (
  next: (ids: readonly number[]) => Promise<Float32Array>,
  prompt: readonly number[],
  limit: number,
  rules: GenerationRules,
  { signal, token: report }: { signal: AbortSignal; token: (done: number, total: number) => void },
): Promise<Generated> => {
  const ids = [...prompt]
  const probabilities: number[] = []
  while (ids.length < limit && !(probabilities.length > 0 && rules.ends.includes(ids.at(-1) as number))) {
    await macrotask()
    signal.throwIfAborted()
    const scores = await next(ids)
    suppress(scores, rules.suppress)
    if (probabilities.length === 0) suppress(scores, rules.beginSuppress)
    const best = argmax(scores)
    if (best < 0) throw new EngineError('not-finite', `the decoder gave no finite score for token ${ids.length}`)
    ids.push(best)
    probabilities.push(probabilityOf(scores, best))
    report(probabilities.length, limit - prompt.length)
  }
  return { ids, probabilities }
}
