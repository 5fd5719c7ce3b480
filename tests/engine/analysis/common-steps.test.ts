import { describe, expect, test } from 'vitest'
import { movedGrid, pairSteps, pairTokens } from '../../../src/engine/analysis/common-steps.ts'

const grid = (start: number, step = 0.02, valid = 10, count = valid) => ({ start, step, width: step, count, valid })

describe('steps of two runs', () => {
  test('are paired with the nearest at the offset, and only where both are on audio', () => {
    const pairs = pairSteps(grid(0), grid(0.5, 0.02, 8, 30), 0.525)
    expect(pairs.steps).toEqual([0, 7])
    expect(pairs.partners).toEqual([1, 8])
    expect([-1, 0, 3, 6, 7, 9, 10].map(pairs.partner)).toEqual([-1, 1, 4, 7, -1, -1, -1])
  })
  test('begin later where B begins later', () => {
    const pairs = pairSteps(grid(0), grid(0.1), 0)
    expect([pairs.steps, pairs.partners]).toEqual([
      [5, 10],
      [0, 5],
    ])
  })
  test('in the middle between two fall to the earlier, all of them', () => {
    const pairs = pairSteps(grid(0, 0.02, 200), grid(0, 0.02, 200), 0.01)
    for (let i = 0; i < 200; i++) expect(pairs.partner(i)).toBe(i)
  })
  test('of different lengths are still nearest', () => {
    const pairs = pairSteps(grid(0, 0.02, 6), grid(0, 0.05, 3), 0)
    expect([0, 1, 2, 3, 4, 5].map(pairs.partner)).toEqual([0, 0, 1, 1, 2, 2])
  })
  test('that have nothing in common are refused', () => {
    expect(() => pairSteps(grid(0), grid(9), 0)).toThrow('no steps in common')
  })
  test('of A lie in B’s seconds by the offset', () => {
    expect(movedGrid(grid(1.25), 0.5).start).toBe(1.75)
  })
})

test('tokens are paired by position', () => {
  const pairs = pairTokens(5, 3)
  expect(pairs.steps).toEqual([0, 3])
  expect([0, 2, 3].map(pairs.partner)).toEqual([0, 2, -1])
  expect(() => pairTokens(0, 3)).toThrow('no tokens in common')
})
