import { expect, test } from 'vitest'
import { spanSteps } from '../../src/engine/span.ts'

const grid = { start: 2.1, step: 0.1, width: 0.175, count: 50, valid: 50 }

test('all is the whole sequence, steps are taken as they are and clipped to its end', () => {
  expect(spanSteps({ unit: 'all' }, grid, 50)).toEqual([0, 50])
  expect(spanSteps({ unit: 'step', range: [10, 20] }, null, 50)).toEqual([10, 20])
  expect(spanSteps({ unit: 'step', range: [10, 200] }, null, 50)).toEqual([10, 50])
})

test('seconds are the steps whose cells they touch', () => {
  // step 0 is centred at 2.1 s: its cell is 2.05 … 2.15
  expect(spanSteps({ unit: 'second', range: [2.05, 2.15] }, grid, 50)).toEqual([0, 1])
  expect(spanSteps({ unit: 'second', range: [2.1, 2.3] }, grid, 50)).toEqual([0, 3])
  expect(spanSteps({ unit: 'second', range: [0, 100] }, grid, 50)).toEqual([0, 50])
})

test('a span beside the sequence is its nearest step: never nothing', () => {
  expect(spanSteps({ unit: 'second', range: [0, 1] }, grid, 50)).toEqual([0, 1])
  expect(spanSteps({ unit: 'second', range: [90, 91] }, grid, 50)).toEqual([49, 50])
})

test('seconds of tokens and steps that are not there are refused', () => {
  expect(() => spanSteps({ unit: 'second', range: [0, 1] }, null, 4)).toThrow('tokens have no seconds')
  expect(() => spanSteps({ unit: 'step', range: [4, 5] }, null, 4)).toThrow('lie outside the sequence of 4')
  expect(() => spanSteps({ unit: 'step', range: [3, 3] }, null, 4)).toThrow('lie outside')
})
