import { expect, test } from 'vitest'
import { highestPeaks } from '../../../src/engine/analysis/peaks.ts'

test('the highest peaks come first, and a lower one too near is left out', () => {
  expect(highestPeaks([0, 5, 0, 4, 0, 0, 3, 0], 3, 5)).toEqual([1, 6])
  expect(highestPeaks([0, 5, 0, 4, 0, 0, 3, 0], 2, 2)).toEqual([1, 3])
})

test('an end counts where the curve falls from it, a slope does not, and a plateau is its middle', () => {
  expect(highestPeaks([4, 3, 2, 2, 2, 3], 1, 5)).toEqual([0, 5])
  expect(highestPeaks([0, 2, 2, 2, 1, 3, 3], 1, 5)).toEqual([5, 2])
})

test('a curve that stands still has its middle, and an empty one nothing', () => {
  expect(highestPeaks([1, 1, 1], 1, 5)).toEqual([1])
  expect(highestPeaks([], 1, 5)).toEqual([])
})
