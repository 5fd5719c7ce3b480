import { expect, test } from 'vitest'
import { shuffleBlocks, shuffleValues } from '../../src/signal/shuffle.ts'

test('blocks lie in another order, whole and none in its place; a shorter last one is moved, too', () => {
  const samples = Float32Array.from({ length: 47 }, (_, i) => i)
  const shuffled = shuffleBlocks(samples, 5, 1)
  expect(shuffled.toSorted()).toEqual(samples)
  expect(shuffleBlocks(samples, 5, 1)).toEqual(shuffled)
  expect(shuffleBlocks(samples, 5, 2)).not.toEqual(shuffled)
  expect(shuffled.some((value, i) => value === i)).toBe(false)
  // within a block the order stays: most neighbours are still neighbours
  const torn = [...shuffled].filter((value, i) => i > 0 && value !== shuffled[i - 1]! + 1)
  expect(torn.length).toBeLessThanOrEqual(9)
})

test('values are put in another order in place, the same for the same seed', () => {
  const sorted = Uint16Array.from({ length: 100 }, (_, i) => i)
  const [one, same, other] = [sorted.slice(), sorted.slice(), sorted.slice()]
  shuffleValues(one, 3)
  shuffleValues(same, 3)
  shuffleValues(other, 4)
  expect(one).toEqual(same)
  expect(one).not.toEqual(other)
  expect(one.toSorted()).toEqual(sorted)
})
