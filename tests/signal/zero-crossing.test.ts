import { expect, test } from 'vitest'
import { nearestZeroCrossing } from '../../src/signal/zero-crossing.ts'

test('the nearest change of sign is found, or a sample that is 0', () => {
  const samples = Float32Array.from([1, 1, -1, -1, -1, 1, 1, 0, 1])
  expect(nearestZeroCrossing(samples, 0)).toBe(2)
  expect(nearestZeroCrossing(samples, 3.6)).toBe(5)
  expect(nearestZeroCrossing(samples, 3.5)).toBe(2)
  expect(nearestZeroCrossing(samples, 20)).toBe(7)
})

test('a sound on one side of zero has none', () => {
  expect(nearestZeroCrossing(Float32Array.from([1, 2, 3]), 1)).toBeNull()
  expect(nearestZeroCrossing(new Float32Array(0), 0)).toBeNull()
})
