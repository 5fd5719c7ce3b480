import { expect, test } from 'vitest'
import { fitText, plainText, textWidth, tokenText, wrapText } from '../../src/figures/text.ts'

test('a newline becomes a sign, and markup stays text', () => {
  expect(plainText('a\r\nb\tc<script>"\'&')).toBe('a↵b→c<script>"\'&')
})
test('what XML forbids becomes a replacement character', () => {
  expect(plainText('a\u0000b\ud800c\u009f')).toBe('a\ufffdb\ufffdc\ufffd')
})
test('right-to-left letters stay and direction overrides go', () => {
  expect(plainText('שלום \u202eabc\u2066')).toBe('שלום abc')
})
test('spaces at the ends of a token are visible, and so is an empty token', () => {
  expect([' you', 'a b ', '  ', ''].map(tokenText)).toEqual(['␣you', 'a b␣', '␣␣', '(empty)'])
})
test('a fitted text keeps its ends and its width', () => {
  const name = `recording-${'x'.repeat(200)}.mp3`
  const fitted = fitText(name, 200, 12)
  expect(fitted).toMatch(/^recording.*….*\.mp3$/)
  expect(textWidth(fitted, 12)).toBeLessThanOrEqual(200)
  expect(fitText('short', 200, 12)).toBe('short')
})
test('lines break at spaces', () => {
  expect(wrapText('one two three', textWidth('one two', 10) + 1, 10)).toEqual(['one two', 'three'])
})
