import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { hasSpaces, splitWords } from '../../../src/engine/analysis/split-words.ts'
import { openTokenizer } from '../../../src/engine/analysis/tokenizer.ts'
import { root } from '../../../src/engine/paths.ts'
import { loadJson } from '../../golden/load.ts'

/** As transformers groups them (tools/make-word-goldens.py). */

interface Golden {
  ids: number[]
  spaces: boolean
  words: string[]
  places: number[][]
}
const golden = join(root, 'tests', 'golden')
const { words } = loadJson<{ words: Golden[] }>(join(golden, 'words.json'))
const tokenizer = openTokenizer(join(golden, 'models', 'whisper-sdpa-17'))!

describe('tokens are joined to words', () => {
  test.for(words)('%#: $words, between spaces: $spaces', ({ ids, spaces, words, places }) => {
    const found = splitWords(ids, tokenizer.text, spaces)
    expect(found.map(({ text }) => text)).toEqual(words)
    expect(found.map((word) => word.places)).toEqual(places)
  })

  it('or to characters, where a language puts no spaces between words', () => {
    expect(['zh', 'ja', 'th', 'yue'].map(hasSpaces)).toEqual([false, false, false, false])
    expect([hasSpaces('en'), hasSpaces(null)]).toEqual([true, true])
  })
})
