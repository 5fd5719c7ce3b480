import { expect, test } from 'vitest'
import { fuzzImport } from './import.ts'

/** `node tests/fuzz/fuzz-import.ts` tries ten thousand, or as many as it is told, and holds each to 5 s. */
test('two hundred models with damaged graphs are imported or refused with a sentence, and the engine lives on', async () => {
  const { proved, refused, died, wrong } = await fuzzImport(0, 200)
  expect(wrong.filter(({ message }) => !message.startsWith('took'))).toEqual([])
  expect(proved + refused + died).toBe(200)
}, 120_000)
