import { expect, test } from 'vitest'
import { createRandom, derangement } from '../../src/signal/random.ts'

test('a seed gives the same numbers in [0, 1) each time, and another seed others', () => {
  const numbers = (seed: number): number[] => Array.from({ length: 1000 }, createRandom(seed))
  expect(numbers(1)).toEqual(numbers(1))
  expect(numbers(1)).not.toEqual(numbers(2))
  expect(numbers(1).every((value) => value >= 0 && value < 1)).toBe(true)
  expect(numbers(1).reduce((a, b) => a + b) / 1000).toBeCloseTo(0.5, 1)
})

test.for([2, 3, 50, 257])('each of %i is moved, once', (count) => {
  const order = [...derangement(count, 1)]
  expect(order.every((from, to) => from !== to)).toBe(true)
  expect(order.toSorted((a, b) => a - b)).toEqual(order.map((_, i) => i))
})

test('of one and of none there is no other order', () => {
  expect([...derangement(1, 1)]).toEqual([0])
  expect([...derangement(0, 1)]).toEqual([])
})
