import { expect, test } from 'vitest'
import { createProgress } from '../../src/cli/progress.ts'
import { plain, table } from '../../src/cli/terminal.ts'

const stream = (isTTY: boolean) => {
  const written: string[] = []
  return { written, stream: { isTTY, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream }
}

test('without a terminal every stage is one line, however often it is reported', () => {
  const { written, stream: target } = stream(false)
  const progress = createProgress('whisper on a.wav', target)
  progress.part({ stage: 'decode', done: 0, total: 1 })
  for (let i = 0; i < 5; i++) progress.part({ stage: 'token', done: i, total: 448 })
  progress.end()
  expect(written).toEqual(['whisper on a.wav: decoding\n', 'whisper on a.wav: generating tokens (at most 448)\n'])
})

test('on a terminal a bar is drawn over itself and removed at the end', () => {
  const { written, stream: target } = stream(true)
  const progress = createProgress('whisper on a.wav', target)
  progress.part({ stage: 'token', done: 224, total: 448 })
  progress.end()
  expect(written[0]).toContain('██████████░░░░░░░░░░ whisper on a.wav: generating tokens 224 of 448')
  expect(written.every((text) => text.startsWith('\r'))).toBe(true)
  expect(written.at(-1)).toBe('\r\u001b[K')
})

test('text from files cannot steer a terminal', () => {
  expect(plain('a\u001b[31mb\nc\u202ed')).toBe('a\ufffd[31mb\ufffdc\ufffdd')
  expect(plain('naïve – 日本 שלום')).toBe('naïve – 日本 שלום')
})

test('a table has aligned columns', () => {
  expect(
    table([
      ['id', 'size'],
      ['whisper', '3'],
      ['x', '12'],
    ]),
  ).toBe('id       size\nwhisper  3\nx        12')
})
