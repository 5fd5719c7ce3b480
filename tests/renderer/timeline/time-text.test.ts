import { expect, test } from 'vitest'
import { nearestEdge, readTime, stepsAt, stepText, timeText } from '../../../src/renderer/timeline/time-text.ts'

const grid = { start: 1.02, step: 0.02, width: 0.025, count: 100, valid: 100 }

test('a moment is said in minutes, and in hours from an hour on', () => {
  expect([0, 62.5, 59.9996, 3599.9994, 3600, 4 * 3600 + 61.0004].map(timeText)).toEqual([
    '00:00.000',
    '01:02.500',
    '01:00.000',
    '59:59.999',
    '1:00:00.000',
    '4:01:01.000',
  ])
})

test('what is said is read again, and so are seconds and steps', () => {
  for (const at of [0, 0.001, 62.5, 3661.004, 14_399.999]) expect(readTime(timeText(at), null)).toBeCloseTo(at, 9)
  expect(['62.5', '62.5 s', '.5', ' 1:02 ', '90', '75:00'].map((text) => readTime(text, null))).toEqual([
    62.5, 62.5, 0.5, 62, 90, 4500,
  ])
  expect(readTime('#0', grid)).toBeCloseTo(1.01, 9)
  expect(readTime('step 12.5', grid)).toBeCloseTo(1.02 + 12 * 0.02, 9)
  expect(readTime('#10', grid, true)).toBeCloseTo(0.2, 9)
})

test('what is no time is one sentence', () => {
  expect(readTime('1,5', null)).toBe('write 1.5: with a point')
  expect(readTime('1:75', null)).toBe('a minute has 60 seconds')
  expect(readTime('1:75:00', null)).toBe('an hour has 60 minutes')
  expect(readTime('#3', null)).toMatch(/once the model has run/)
  for (const text of ['', 'soon', '-1', '1:2:3:4', '1e3', '0x10'])
    expect(typeof readTime(text, grid), text).toBe('string')
})

test('steps are counted from the left edge of the first, and go on past the ends', () => {
  expect(stepsAt(grid, 1.01)).toBeCloseTo(0, 9)
  expect(stepsAt(grid, 1.02)).toBeCloseTo(0.5, 9)
  expect(nearestEdge(grid, 1.0234)).toBeCloseTo(1.03, 9)
  expect(nearestEdge(grid, 0.5)).toBeCloseTo(0.49, 1)
  expect([12, 12.46, -1.5].map(stepText)).toEqual(['12', '12.5', '−1.5'])
})
