import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTokenizer } from '../../../src/engine/analysis/tokenizer.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'otoscope-tokenizer-'))))
afterEach(() => rmSync(folder, { recursive: true }))
const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value))

// in the byte-level alphabet Ġ is a space, Ã and ¤ are the two bytes of ä in UTF-8
const vocab = { a: 0, Ġb: 1, Ã: 2, '¤': 3 }
const added = { '<|end|>': 4, '<|0.02|>': 5 }

const describeFolder = (title: string, fill: () => void) =>
  describe(title, () => {
    beforeEach(fill)

    test('tokens are text, spaces included', () => {
      expect(openTokenizer(folder)?.token(1)).toBe(' b')
    })

    test('special tokens and timestamps are known as such and left out of the text', () => {
      const texts = openTokenizer(folder)
      expect([0, 4, 5].map((id) => texts?.special(id))).toEqual([false, true, true])
      expect(texts?.token(4)).toBe('<|end|>')
      expect(texts?.text([5, 0, 1, 4])).toBe('a b')
    })

    test('half a character shows as U+FFFD, the whole of it as itself', () => {
      const texts = openTokenizer(folder)
      expect(texts?.token(2)).toBe('\uFFFD')
      expect(texts?.text([2, 3])).toBe('ä')
    })

    test('an id beyond the table is shown by number and has no text', () => {
      const texts = openTokenizer(folder)
      expect(texts?.token(99)).toBe('#99')
      expect(texts?.text([99, 0])).toBe('a')
      expect(texts?.text([])).toBe('')
    })
  })

describeFolder('with tokenizer.json', () =>
  write('tokenizer.json', {
    added_tokens: Object.entries(added).map(([content, id]) => ({ id, content, special: id === 4 })),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges: [] },
  }),
)

describeFolder('with vocab.json and added_tokens.json', () => {
  write('vocab.json', vocab)
  write('added_tokens.json', added)
})

test('pieces of words with their bytes, as Moonshine has them, join as in Hugging Face', () => {
  const texts = openTokenizer(fileURLToPath(new URL('../../golden/models/moonshine-merged-14', import.meta.url)))
  // ▁se me é (two bytes) ▁ba
  expect(texts?.text([1, 300, 270, 198, 172, 284, 2])).toBe('semeé ba')
  expect([1, 2, 300].map((id) => texts?.special(id))).toEqual([true, true, false])
})

test('a folder with neither has no tokenizer', () => {
  expect(openTokenizer(folder)).toBeNull()
})

test('a file that is no JSON is refused by name', () => {
  writeFileSync(join(folder, 'tokenizer.json'), 'hello')
  expect(() => openTokenizer(folder)).toThrow('tokenizer.json')
})
