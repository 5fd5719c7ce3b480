import { expect, test } from 'vitest'
import { createRate } from '../../../src/engine/net/rate.ts'

test('a steady growth is its rate, and the time left follows from it', () => {
  const rate = createRate()
  for (let second = 0; second < 20; second++) rate(second * 2e6, 100e6, second * 1000)
  expect(rate(40e6, 100e6, 20_000)).toEqual({ bytesPerSecond: 2e6, secondsLeft: 30 })
  expect(rate(100e6, 100e6, 50_000).secondsLeft).toBe(0)
})

test('only the last seconds count', () => {
  const rate = createRate()
  rate(0, null, 0)
  rate(100e6, null, 1000)
  for (let second = 2; second <= 10; second++) rate(100e6 + second * 1e6, null, second * 1000)
  expect(rate(111e6, null, 11_000)).toEqual({ bytesPerSecond: 1e6, secondsLeft: null })
})

test('nothing is claimed before a second has passed, of a standstill, or after beginning again', () => {
  const rate = createRate()
  expect(rate(0, 10, 0)).toEqual({ bytesPerSecond: null, secondsLeft: null })
  expect(rate(5, 10, 900).bytesPerSecond).toBeNull()
  expect(rate(5, 10, 9000)).toMatchObject({ bytesPerSecond: 0, secondsLeft: null })
  expect(rate(1, 10, 9100).bytesPerSecond).toBeNull()
  expect(rate(3, 10, 11_100).bytesPerSecond).toBe(1)
})
