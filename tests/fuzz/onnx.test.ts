import { expect, test } from 'vitest'
import { fuzzOnnx } from './onnx.ts'

/** `node tests/fuzz/fuzz-onnx.ts` tries ten times as many, or as many as it is told. */
test('a thousand damaged graphs are each opened or refused with a sentence, within 5 s', () => {
  const { opened, refused, wrong, slowest } = fuzzOnnx(0, 1000)
  expect(wrong).toEqual([])
  expect(opened + refused).toBe(1000)
  expect(slowest.seconds).toBeLessThan(5)
}, 120_000)
