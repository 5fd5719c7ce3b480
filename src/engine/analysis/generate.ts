import { setImmediate as macrotask } from 'node:timers/promises'
import { EngineError } from '../../contract/errors.ts'
import type { RunOptions } from '../../contract/run.ts'
import type { GenerationRules } from './generation-rules.ts'
import { argmax, keepOnly, probabilityOf, suppress } from './suppress.ts'

/**
 * Greedy generation as Hugging Face's `generate` does it, Whisper's short form without timestamps (transformers 5,
 * whisper/generation_whisper.py), driven by generation_config.json. `forced_decoder_ids` of old configs are ignored.
 */

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

/** How long the sequence may become, prompt included: max_new_tokens, else max_length, within the positions. */
export const lengthLimit = (rules: GenerationRules, prompt: number, maxTokens: number | undefined): number => {
  const { maxNewTokens, maxLength, countsPrompt, positions } = rules
  const added = maxTokens ?? maxNewTokens
  if (added === null && maxLength !== null && countsPrompt) return Math.min(maxLength, positions)
  return Math.min(prompt + (added ?? maxLength ?? positions), positions)
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
