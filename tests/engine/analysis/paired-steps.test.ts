import { expect, test } from 'vitest'
import { meanOf, pairedBySeconds } from '../../../src/engine/analysis/paired-steps.ts'

const grid = (start: number, step: number, valid: number) => ({ start, step, width: step, count: valid + 2, valid })

test('fine steps go to the nearest coarse centre, the later of two, and padding to none', () => {
  // coarse centres 0, 1, 2; fine ones 0.25, 0.75, 1.25, 1.75: half way goes on
  const { own, other } = pairedBySeconds(grid(0, 1, 2), grid(0, 0.5, 5))
  expect(own).toEqual([[0], [1]])
  expect(other).toEqual([[0], [1, 2]])
})

test('the other way round the finer is this one', () => {
  const { own, other } = pairedBySeconds(grid(0, 0.5, 5), grid(0, 1, 2))
  expect(other).toEqual([[0], [1]])
  expect(own).toEqual([[0], [1, 2]])
})

test('grids as fine as each other are paired one to one where both are', () => {
  const { own, other } = pairedBySeconds(grid(0, 0.02, 5), grid(0.0125, 0.02, 5))
  expect(own).toEqual([[1], [2], [3], [4]])
  expect(other).toEqual([[0], [1], [2], [3]])
  expect(() => pairedBySeconds(grid(0, 1, 2), grid(9, 1, 2))).toThrow('no moment in common')
})

test('a pair is the mean of its steps', () => {
  expect([...meanOf(Float32Array.from([1, 2, 3, 4, 5, 6]), 2, [[0], [1, 2]])]).toEqual([1, 2, 4, 5])
})
