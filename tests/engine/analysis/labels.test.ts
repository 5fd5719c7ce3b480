import { describe, expect, test } from 'vitest'
import { labelScores, scoreRule } from '../../../src/engine/analysis/labels.ts'

describe('labels of a classifier', () => {
  test('are sorted by falling score, each with its own index', () => {
    const { scores, items } = labelScores(Float32Array.of(0, 2, 1), { id2label: { 0: 'a', 1: 'b', 2: 'c' } })
    expect(scores).toBe('softmax')
    expect(items.map(({ index, label }) => [index, label])).toEqual([
      [1, 'b'],
      [2, 'c'],
      [0, 'a'],
    ])
    expect(items.reduce((sum, item) => sum + item.score, 0)).toBeCloseTo(1, 12)
  })

  test('get independent scores from a multi-label head', () => {
    const { scores, items } = labelScores(Float32Array.of(0, 0), { problem_type: 'multi_label_classification' })
    expect(scores).toBe('sigmoid')
    expect(items.map((item) => item.score)).toEqual([0.5, 0.5])
  })

  test('follow problem_type, and without it the number of classes', () => {
    expect(scoreRule({}, 527)).toBe('sigmoid')
    expect(scoreRule({}, 35)).toBe('softmax')
    expect(scoreRule({ problem_type: 'single_label_classification' }, 527)).toBe('softmax')
  })

  test('are called by number where the config names none', () => {
    expect(labelScores(Float32Array.of(1), {}).items[0]?.label).toBe('LABEL_0')
  })

  test('stay finite for large logits', () => {
    const { items } = labelScores(Float32Array.of(800, -800), {})
    expect(items.map((item) => item.score)).toEqual([1, 0])
  })
})
