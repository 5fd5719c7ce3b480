import { EngineError } from '../../contract/errors.ts'
import type { RunOptions, RunProgress, RunResult, TokenCard } from '../../contract/run.ts'
import { checkLanguageAndTask, detectLanguage, generate, lengthLimit, promptOf } from '../analysis/generate.ts'
import { rulesOf, type GenerationRules } from '../analysis/generation-rules.ts'
import type { TokenTexts } from '../analysis/tokenizer.ts'
import type { Model } from '../models/model.ts'
import { decoderSteps, type DecoderSteps } from './decoder-steps.ts'
import type { Values } from './session.ts'
import type { WarmModel } from './warm.ts'

export interface Progress {
  signal: AbortSignal
  part: (part: RunProgress) => void
}

/** What the decoder found: the whole sequence, its cards, and from the teacher-forced pass every hidden state and all logits. */
export interface Decoded {
  ids: number[]
  result: Pick<RunResult, 'text' | 'tokens' | 'language'>
  /** [1, token, width] each, layers + 1 of them */
  hidden: Values[]
  /** [1, token, vocabulary] */
  logits: Values
  warnings: string[]
}

/** What can be known of the options before work starts. Throws `bad-input`, or `bad-model` for configs without the ids needed. */
export const checkDecoderOptions = (model: Model, options: RunOptions): GenerationRules => {
  const rules = rulesOf(model)
  if (!options.tokens) {
    checkLanguageAndTask(rules, options)
    return rules
  }
  const vocabulary = model.inspection.vocabulary ?? Number(model.config['vocab_size'])
  const stranger = options.tokens.find((id) => id >= vocabulary)
  if (stranger !== undefined)
    throw new EngineError('bad-input', `token ${stranger} is outside the model's vocabulary, 0 … ${vocabulary - 1}`)
  if (options.tokens.length > rules.positions)
    throw new EngineError(
      'bad-input',
      `${options.tokens.length} tokens are more than the ${rules.positions} positions of the decoder`,
    )
  return rules
}

/** A decoder's first tokens: those given, else the prompt, with some language where it is to be detected. */
export const promptTokens = (model: Model, options: RunOptions): number[] => {
  if (options.tokens) return options.tokens
  const rules = rulesOf(model)
  const [some = null] = rules.languages.has('en') ? ['en'] : rules.languages.keys()
  return promptOf(rules, options.language === 'auto' ? some : options.language, options.task)
}

/** The sequence: the tokens given, or greedy generation; then one teacher-forced pass over all of it. */
export const decodeText = async (
  warm: WarmModel,
  encoded: Values,
  options: RunOptions,
  progress: Progress,
): Promise<Decoded> => {
  const { model } = warm
  const rules = checkDecoderOptions(model, options)
  const graph = model.decoder
  if (!graph) throw new EngineError('bad-model', `${model.card.id} has no decoder graph`)
  const plain = await warm.session('decoder', graph, progress.signal)
  const past =
    model.decoderWithPast && !options.tokens
      ? await warm.session('decoderWithPast', model.decoderWithPast, progress.signal)
      : null
  const steps = decoderSteps(encoded, plain, past)
  const sequence = options.tokens ? given(options.tokens) : await write(steps, rules, options, progress)

  progress.signal.throwIfAborted()
  progress.part({ stage: 'decoder', done: 0, total: 1 })
  const results = await steps.all(sequence.ids, graph.hidden)
  const texts = warm.tokenizer()
  return {
    ids: sequence.ids,
    result: {
      text: texts?.text(sequence.ids) ?? null,
      tokens: tokenCards(sequence, texts),
      language: sequence.language,
    },
    hidden: graph.hidden.map((name) => results[name] as Values),
    logits: results['logits'] as Values,
    warnings: texts ? [] : ['the model has no tokenizer: tokens are shown by number'],
  }
}

interface Sequence {
  ids: number[]
  /** of the last ids; those before them are the prompt, or all are given */
  probabilities: number[]
  language: RunResult['language']
}

const given = (ids: number[]): Sequence => ({ ids, probabilities: [], language: null })

const write = async (
  steps: DecoderSteps,
  rules: GenerationRules,
  options: RunOptions,
  { signal, part }: Progress,
): Promise<Sequence> => {
  const language = await chooseLanguage(steps, rules, options.language)
  const prompt = promptOf(rules, language?.code ?? null, options.task)
  const limit = lengthLimit(rules, prompt.length, options.maxTokens)
  const token = (done: number, total: number): void => part({ stage: 'token', done, total })
  return { ...(await generate(steps.next, prompt, limit, rules, { signal, token })), language }
}

const chooseLanguage = async (
  steps: DecoderSteps,
  rules: GenerationRules,
  language: string,
): Promise<RunResult['language']> => {
  if (rules.languages.size === 0) return null
  if (language !== 'auto') return { code: language, detected: false, probability: null }
  const { logits } = await steps.all([rules.start], [])
  if (!logits) throw new EngineError('bad-model', 'the decoder has no output named logits')
  return { detected: true, ...detectLanguage(logits.data, rules) }
}

const tokenCards = ({ ids, probabilities }: Sequence, texts: TokenTexts | null): TokenCard[] => {
  const forced = ids.length - probabilities.length
  return ids.map((id, i) => ({
    id,
    text: texts?.token(id) ?? `#${id}`,
    special: texts?.special(id) ?? false,
    forced: i < forced,
    probability: probabilities[i - forced] ?? null,
  }))
}
