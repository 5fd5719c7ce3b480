import { setImmediate } from 'node:timers/promises'
import { EngineError } from '../../contract/errors.ts'
import { secondsAt, timeOf } from '../../contract/grid.ts'
import type { Run, TokenCard } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import type { WordCard, Words } from '../../contract/words.ts'
import { hasSpaces, splitWords } from '../analysis/split-words.ts'
import { alignmentMatrix, rowStretches, tokenRows } from '../analysis/token-times.ts'
import { openTokenizer, type TokenTexts } from '../analysis/tokenizer.ts'
import { openModel } from '../models/open.ts'
import { alignmentOf, type Place } from './query-heads.ts'
import { eachBlock } from './query-map.ts'
import type { OpenedSite, Subject } from './query-open.ts'

/** Whisper's, where config.json does not say `median_filter_width` */
const usualFilter = 7

type Open = (subject: Subject) => Promise<OpenedSite>

/** When a decoder's words were said. Throws `bad-input` for a run without tokens, and where the checkpoint names no alignment heads. */
export const wordsOf = async (run: Run, place: Place, open: Open, signal: AbortSignal): Promise<Words> => {
  const { tokens } = run.result
  if (!tokens) throw new EngineError('bad-input', `${run.model.id} writes no tokens`)
  const alignment = alignmentOf(place)
  const times = await tokenTimes(run, tokens, { ...place, alignment, open, signal })
  const texts = openTokenizer(place.modelFolder)
  const words = texts ? timedWords(tokens, times, texts, hasSpaces(writtenIn(run, tokens))) : []
  return { words, tokens: times, heads: alignment.heads, rows: alignment.rows }
}

type Means = Place & { alignment: ReturnType<typeof alignmentOf>; open: Open; signal: AbortSignal }

/** Of every token its stretch in seconds of the recording; null for the prompt and special tokens. */
const tokenTimes = async (
  run: Run,
  tokens: TokenCard[],
  { alignment, open, signal, ...place }: Means,
): Promise<Words['tokens']> => {
  const { rows, lag } = tokenRows(promptLength(tokens), tokens.at(-1)!.special, tokens.length, alignment.rows)
  if (rows[0] === rows[1]) return tokens.map(() => null)
  const grid = timeOf(run.grids.encoder)
  const steps = stepsOfAudio(run)
  const { median_filter_width: width } = openModel(place.modelFolder, place.modelVariant).config
  const matrix = alignmentMatrix(steps, typeof width === 'number' && width % 2 === 1 ? width : usualFilter)
  for (const [layer, head] of alignment.heads) {
    const site = await open({ run: run.id, ...place, tap: `cross.attention.${layer}` })
    matrix.add(await weightsOf({ ...site, head }, rows, steps, signal))
    await setImmediate()
  }
  const stretches = rowStretches(matrix.mean(), steps)
  return tokens.map((token, i) => {
    const stretch = token.special || i < promptLength(tokens) ? undefined : stretches[i - lag - rows[0]]
    return stretch ? [secondsAt(grid, stretch[0]), secondsAt(grid, stretch[1])] : null
  })
}

/** Half of the frames that hold sound, rounded down, as Hugging Face crops them (`num_frames // 2`). */
const stepsOfAudio = ({ grids: { features, encoder } }: Run): number =>
  Math.max(1, Math.floor((features.valid * timeOf(encoder).count) / features.count))

/** What was not chosen by the model; of a sequence that was given whole, its leading special tokens. */
const promptLength = (tokens: TokenCard[]): number => {
  const chosen = tokens.findIndex(({ forced }) => !forced)
  if (chosen >= 0) return chosen
  const text = tokens.findIndex(({ special }) => !special)
  return text < 0 ? tokens.length : text
}

const weightsOf = async (
  { kernel, operands, head }: OpenedSite & { head: number },
  rows: Range,
  steps: number,
  signal: AbortSignal,
): Promise<Float32Array> => {
  const found = new Float32Array((rows[1] - rows[0]) * steps)
  const copy = (weights: Float32Array, first: number): void => {
    for (let i = 0; i * operands.keys < weights.length; i++)
      found.set(weights.subarray(i * operands.keys, i * operands.keys + steps), (first + i - rows[0]) * steps)
  }
  await eachBlock(kernel, operands, head, rows, copy, signal)
  return found
}

/** The language of the text: a translation is English, whatever was heard. */
const writtenIn = (run: Run, tokens: TokenCard[]): string | null => {
  const named = (name: string): boolean => tokens.some(({ special, text }) => special && text === `<|${name}|>`)
  if (named('translate')) return 'en'
  const code = tokens.map(({ special, text }) => (special ? /^<\|([a-z]{2,3})\|>$/.exec(text)?.[1] : undefined))
  return run.result.language?.code ?? code.find((one) => one !== undefined) ?? null
}

const timedWords = (tokens: TokenCard[], times: Words['tokens'], texts: TokenTexts, spaces: boolean): WordCard[] => {
  const timed = tokens.flatMap((_, i) => (times[i] ? [i] : []))
  const ids = timed.map((i) => tokens[i]!.id)
  const words = splitWords(ids, texts.text, spaces).filter(({ text }) => text.trim() !== '')
  return words.map(({ text, places }) => {
    const [first, last] = [timed[places[0]!]!, timed[places.at(-1)!]!]
    const chances = places.flatMap((place) => tokens[timed[place]!]!.probability ?? [])
    return {
      text: text.trim(),
      start: times[first]![0],
      end: times[last]![1],
      probability: chances.length > 0 ? chances.reduce((sum, one) => sum + one, 0) / chances.length : null,
      tokens: [first, last + 1],
    }
  })
}
