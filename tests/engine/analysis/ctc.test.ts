import { describe, expect, test } from 'vitest'
import { bestIds, collapse, ctcVocabulary, transcript } from '../../../src/engine/analysis/ctc.ts'

const vocab = { '<pad>': 0, '|': 1, H: 2, I: 3 }
const grid = { start: 1, step: 0.02, width: 0.025, count: 0, valid: 0 }

/** Logits whose best ids are `ids`: 4 more than the other three. */
const logitsFor = (ids: number[]): Float32Array =>
  Float32Array.from(ids.flatMap((id) => [0, 1, 2, 3].map((other) => (other === id ? 4 : 0))))

const read = (ids: number[], config: Record<string, unknown> = { pad_token_id: 0 }) => {
  const vocabulary = ctcVocabulary(vocab, null, config)
  if (!vocabulary) throw new Error('no vocabulary')
  const logits = logitsFor(ids)
  return collapse(bestIds(logits, 4), logits, grid, vocabulary)
}

describe('reading a CTC head', () => {
  test('repeats become one character, blanks between them keep two apart', () => {
    expect(read([2, 2, 3, 0, 3]).map((character) => character.text)).toEqual(['H', 'I', 'I'])
  })

  test('a character lasts from the edge of its first step to that of its last', () => {
    const [first, second] = read([0, 2, 2, 3])
    expect(first?.start).toBeCloseTo(1.01, 12)
    expect(first?.end).toBeCloseTo(1.05, 12)
    expect(second?.start).toBeCloseTo(first?.end ?? 0, 12)
    expect(second?.end).toBeCloseTo(1.07, 12)
  })

  test('the probability is the mean softmax weight of its steps', () => {
    const weight = Math.exp(4) / (Math.exp(4) + 3)
    expect(read([2, 2])[0]?.probability).toBeCloseTo(weight, 12)
  })

  test('the word delimiter is a space, and the transcript has none at its ends', () => {
    expect(transcript(read([1, 2, 3, 1, 2, 1]))).toBe('HI H')
  })

  test('the blank is the padding token of config.json', () => {
    expect(transcript(read([0, 3, 2], { pad_token_id: 3 }))).toBe('<pad>H')
  })

  test('nothing but blanks gives no characters', () => {
    expect(read([0, 0, 0])).toEqual([])
    expect(read([])).toEqual([])
  })

  test('a tokenizer may name another delimiter', () => {
    const vocabulary = ctcVocabulary({ _: 1 }, { word_delimiter_token: '_' }, {})
    expect(vocabulary?.text(1)).toBe(' ')
  })

  test('an id without text is shown by number', () => {
    expect(ctcVocabulary(vocab, null, {})?.text(31)).toBe('#31')
  })

  test('a missing or nested vocab.json gives no vocabulary', () => {
    expect(ctcVocabulary(null, null, {})).toBeNull()
    expect(ctcVocabulary({ eng: { a: 0 } }, null, {})).toBeNull()
  })
})
