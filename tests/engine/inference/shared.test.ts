import { expect, test } from 'vitest'
import { createShared } from '../../../src/engine/inference/shared.ts'

/** a computation that ends when it is told to, or when nobody wants it */
const slow = () => {
  const made: { times: number; ended: number; finish: (value: number) => void } = {
    times: 0,
    ended: 0,
    finish: () => {},
  }
  const make = (signal: AbortSignal): Promise<number> => {
    made.times++
    return new Promise((resolve, reject) => {
      made.finish = resolve
      signal.addEventListener('abort', () => {
        made.ended++
        reject(signal.reason as Error)
      })
    })
  }
  return { made, make }
}

test('who asks the same at the same time waits for one computation, and its answer is kept', async () => {
  const { made, make } = slow()
  const shared = createShared<number>(2)
  const { signal } = new AbortController()
  const both = [shared.of('a', signal, make), shared.of('a', signal, make)]
  made.finish(3)
  expect(await Promise.all(both)).toEqual([3, 3])
  expect(await shared.of('a', signal, make)).toBe(3)
  expect(made.times).toBe(1)
})

test('it goes on while one still waits, and ends with the last', async () => {
  const { made, make } = slow()
  const shared = createShared<number>(2)
  const [first, second] = [new AbortController(), new AbortController()]
  const one = shared.of('a', first.signal, make)
  const two = shared.of('a', second.signal, make)
  first.abort()
  await expect(one).rejects.toThrow('aborted')
  expect(made.ended).toBe(0)
  second.abort()
  await expect(two).rejects.toThrow('aborted')
  expect(made.ended).toBe(1)
  void shared.of('a', new AbortController().signal, make)
  expect(made.times).toBe(2)
  made.finish(1)
})
