import { describe, expect, test } from 'vitest'
import { argmax, keepOnly, probabilityOf, suppress } from '../../../src/engine/analysis/suppress.ts'

describe('choosing a token', () => {
  test('argmax gives the first of equal values', () => {
    expect(argmax(Float32Array.of(1, 3, 3, 2))).toBe(1)
  })

  test('suppressed tokens are never chosen and weigh nothing', () => {
    const scores = Float32Array.of(5, 4, 3)
    suppress(scores, [0])
    expect(argmax(scores)).toBe(1)
    expect(probabilityOf(scores, 0)).toBe(0)
    expect(probabilityOf(scores, 1) + probabilityOf(scores, 2)).toBeCloseTo(1, 12)
  })

  test('keeping only some tokens chooses among them', () => {
    const scores = Float32Array.of(9, 1, 2, 8)
    keepOnly(scores, [1, 2])
    expect(argmax(scores)).toBe(2)
    expect(probabilityOf(scores, 2)).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
  })

  test('ids outside the vocabulary are passed over', () => {
    const scores = Float32Array.of(1, 2)
    suppress(scores, [7, -1])
    expect([...scores]).toEqual([1, 2])
  })

  test('nothing to choose from, or only NaN, gives -1', () => {
    expect(argmax(new Float32Array())).toBe(-1)
    expect(argmax(Float32Array.of(NaN, NaN))).toBe(-1)
    expect(argmax(Float32Array.of(-Infinity))).toBe(-1)
  })

  test('large scores do not overflow', () => {
    expect(probabilityOf(Float32Array.of(1000, 1000), 0)).toBe(0.5)
  })
})
