import { edgeAt, type TimeGrid } from '../../contract/grid.ts'
import type { CharacterCard } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { readJson } from '../models/read-json.ts'
import { argmax, probabilityOf } from './suppress.ts'

/** What a CTC head's ids mean: vocab.json and the special entries that config.json and tokenizer_config.json name. */
export interface CtcVocabulary {
  /** id → text; an id vocab.json does not know is shown as `#id` */
  text(id: number): string
  /** CTC's blank, which is the tokenizer's padding token */
  blank: number
}

/** Reads the vocabulary; null where vocab.json is missing or is not one flat table of text → id. */
export const ctcVocabulary = (
  vocab: Record<string, unknown> | null,
  tokenizer: Record<string, unknown> | null,
  config: Record<string, unknown>,
): CtcVocabulary | null => {
  if (vocab === null || !Object.values(vocab).every((id) => typeof id === 'number')) return null
  const byId = new Map(Object.entries(vocab).map(([text, id]) => [id as number, text]))
  const delimiter = tokenizer?.['word_delimiter_token'] ?? '|'
  const space = tokenizer?.['replace_word_delimiter_char'] ?? ' '
  const blank = Number(config['pad_token_id'] ?? vocab['<pad>'] ?? 0)
  return {
    blank,
    text: (id) => {
      const text = byId.get(id) ?? `#${id}`
      return text === delimiter ? String(space) : text
    },
  }
}

/** The vocabulary of a model's folder; null where it has none that is usable. */
export const openCtcVocabulary = (folder: string, config: Record<string, unknown>): CtcVocabulary | null =>
  ctcVocabulary(readJson(folder, 'vocab.json'), readJson(folder, 'tokenizer_config.json'), config)

/** `logits` [step, vocabulary] → the best id of every step. */
export const bestIds = (logits: Float32Array, vocabulary: number): BigInt64Array =>
  BigInt64Array.from({ length: logits.length / vocabulary }, (_, step) => BigInt(argmax(row(logits, vocabulary, step))))

const row = (logits: Float32Array, vocabulary: number, step: number): Float32Array =>
  logits.subarray(step * vocabulary, (step + 1) * vocabulary)

/**
 * Greedy CTC: runs of equal best ids become one character each, blanks are dropped. A character lasts from the left edge of
 * its first step to the right edge of its last; its probability is the mean of the steps' softmax weights.
 */
export const collapse = (
  ids: BigInt64Array,
  logits: Float32Array,
  grid: TimeGrid,
  vocabulary: CtcVocabulary,
): CharacterCard[] => {
  const size = logits.length / ids.length
  const characters: CharacterCard[] = []
  let first = 0
  while (first < ids.length) {
    const id = Number(ids[first])
    const end = stretchEnd(ids, first)
    if (id !== vocabulary.blank)
      characters.push({
        text: vocabulary.text(id),
        start: edgeAt(grid, first),
        end: edgeAt(grid, end),
        probability: meanProbability(logits, size, [first, end], id),
      })
    first = end
  }
  return characters
}

/** The step after the last that has the same id as `first`. */
const stretchEnd = (ids: BigInt64Array, first: number): number => {
  let end = first + 1
  while (end < ids.length && ids[end] === ids[first]) end++
  return end
}

const meanProbability = (logits: Float32Array, size: number, [first, end]: Range, id: number): number => {
  let sum = 0
  for (let step = first; step < end; step++) sum += probabilityOf(row(logits, size, step), id)
  return sum / (end - first)
}

/** The characters as one line, as Hugging Face's tokenizer prints them: no blanks at the ends. */
export const transcript = (characters: readonly CharacterCard[]): string =>
  characters
    .map((character) => character.text)
    .join('')
    .trim()
