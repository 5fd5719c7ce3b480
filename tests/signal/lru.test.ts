import { describe, expect, it } from 'vitest'
import { Lru } from '../../src/signal/lru.ts'

describe('a cache of the newest', () => {
  it('forgets what was not read for longest', () => {
    const cache = new Lru<number>(2)
    cache.write('a', 1)
    cache.write('b', 2)
    cache.read('a')
    cache.write('c', 3)
    expect([cache.read('a'), cache.read('b'), cache.read('c')]).toEqual([1, undefined, 3])
  })
  it('counts a key that is written again once', () => {
    const cache = new Lru<number>(2)
    cache.write('a', 1)
    cache.write('b', 2)
    cache.write('b', 4)
    expect([cache.read('a'), cache.read('b')]).toEqual([1, 4])
  })
  it('weighs what it keeps, and keeps the newest whatever it weighs', () => {
    const cache = new Lru<string>(5, (text) => text.length)
    cache.write('a', 'xx')
    cache.write('b', 'xx')
    cache.write('b', 'xxx')
    expect([cache.read('a'), cache.read('b')]).toEqual(['xx', 'xxx'])
    cache.write('c', 'xxx')
    expect([cache.read('a'), cache.read('b'), cache.read('c')]).toEqual([undefined, undefined, 'xxx'])
    cache.write('d', 'xxxxxxxxx')
    expect([cache.read('c'), cache.read('d')]).toEqual([undefined, 'xxxxxxxxx'])
  })
})
