import { expect, test } from 'vitest'
import { createCache } from '../../../src/engine/inference/query-cache.ts'

const sized = (bytes: number) => ({ bytes })

test('those who ask at the same time get the same value, made once', async () => {
  const cache = createCache(100)
  let made = 0
  const make = () => Promise.resolve(sized(++made))
  const [first, second] = await Promise.all([cache.of('a', make), cache.of('a', make)])
  expect(second).toBe(first)
  expect(made).toBe(1)
})

test('the least recently used is dropped first, and never the one somebody waits for', async () => {
  const cache = createCache(100)
  const make = (bytes: number) => () => Promise.resolve(sized(bytes))
  const a = await cache.of('a', make(40))
  await cache.of('b', make(40))
  await cache.of('a', make(40))
  await cache.of('c', make(40))
  expect(await cache.of('a', make(1))).toBe(a)
  expect(await cache.of('b', make(2))).toEqual({ bytes: 2 })
  expect(await cache.of('d', make(1000))).toEqual({ bytes: 1000 })
})

test.for([
  [
    'at once',
    (): Promise<{ bytes: number }> => {
      throw new Error('no')
    },
  ],
  ['later', (): Promise<{ bytes: number }> => Promise.reject(new Error('no'))],
] as const)('a value whose making fails %s is made anew when next asked for', async ([, fail]) => {
  const cache = createCache(100)
  await expect(cache.of('a', fail)).rejects.toThrow('no')
  expect(await cache.of('a', () => Promise.resolve(sized(1)))).toEqual({ bytes: 1 })
})
