import { expect, it } from 'vitest'
import { createLeaving } from '../../../src/engine/handlers/leaving.ts'

it('waits for work that was ended, and for no other', async () => {
  const leaving = createLeaving()
  const [ended, going] = [new AbortController(), new AbortController()]
  let put = (): void => {}
  const work = new Promise<void>((resolve) => (put = resolve))
  void leaving.watch(new Promise(() => {}), going.signal)
  const watched = leaving.watch(work, ended.signal)
  await leaving.settled()
  ended.abort()
  let settled = false
  const after = leaving.settled().then(() => (settled = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(settled).toBe(false)
  put()
  await Promise.all([after, watched])
  expect(settled).toBe(true)
})

it('does not mind how the ended work ends', async () => {
  const leaving = createLeaving()
  const ended = new AbortController()
  const watched = leaving.watch(Promise.reject(new Error('cut off')), ended.signal)
  ended.abort()
  await leaving.settled()
  await expect(watched).rejects.toThrow('cut off')
})
