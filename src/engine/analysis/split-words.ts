/**
 * Tokens to words as transformers 5 does it (whisper/tokenization_whisper.py: `_combine_tokens_into_words`), which follows openai-whisper.
 */
interface TokenWord {
  text: string
  /** places in the list of ids, rising */
  places: number[]
}

/** Their writing has no spaces between words: a word is a character there. */
const spaceless = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue'])
export const hasSpaces = (language: string | null): boolean => language === null || !spaceless.has(language)

const prepended = '"\'“¡¿([{-'
const appended = '"\'.。,，!！?？:：”)]}、'
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
const broken = '\ufffd'

/** `ids` without special tokens; `decode` gives their text, with U+FFFD for bytes that are no character. */
export const splitWords = (
  ids: readonly number[],
  decode: (ids: readonly number[]) => string,
  spaces: boolean,
): TokenWord[] => {
  const characters = splitCharacters(ids, decode)
  const words = spaces ? joinBetweenSpaces(characters) : characters
  mergeInto(words)
  return words.filter(({ text }) => text !== '')
}

/** As few tokens at a time as are whole characters. */
const splitCharacters = (ids: readonly number[], decode: (ids: readonly number[]) => string): TokenWord[] => {
  const whole = decode(ids)
  const words: TokenWord[] = []
  let places: number[] = []
  let offset = 0
  for (const [place] of ids.entries()) {
    places = [...places, place]
    const text = decode(places.map((at) => ids[at]!))
    const at = text.indexOf(broken)
    // the text may hold that sign itself
    if (at >= 0 && offset + at < whole.length && whole[offset + at] !== broken) continue
    words.push({ text, places })
    places = []
    offset += text.length
  }
  return words
}

const joinBetweenSpaces = (parts: TokenWord[]): TokenWord[] => {
  const words: TokenWord[] = []
  for (const part of parts) {
    const last = words.at(-1)
    if (!last || part.text.startsWith(' ') || punctuation.includes(part.text.trim())) words.push(part)
    else append(last, part)
  }
  return words
}

const append = (word: TokenWord, part: TokenWord): void => {
  word.text += part.text
  word.places = [...word.places, ...part.places]
}
const prepend = (part: TokenWord, word: TokenWord): void => {
  word.text = part.text + word.text
  word.places = [...part.places, ...word.places]
}
const clear = (word: TokenWord): void => {
  word.text = ''
  word.places = []
}

/** Signs that open go to the word after them, those that close to the word before. */
const mergeInto = (words: TokenWord[]): void => {
  let after = words.length - 1
  for (let i = words.length - 2; i >= 0; i--) {
    const [word, next] = [words[i]!, words[after]!]
    if (word.text.startsWith(' ') && prepended.includes(word.text.trim())) {
      prepend(word, next)
      clear(word)
    } else after = i
  }
  let before = 0
  for (let i = 1; i < words.length; i++) {
    const [word, last] = [words[i]!, words[before]!]
    if (!last.text.endsWith(' ') && appended.includes(word.text)) {
      append(last, word)
      clear(word)
    } else before = i
  }
}
