import { describe, expect, test, vi } from 'vitest'
import { connect } from '../../src/rpc/connect.ts'
import type { Port } from '../../src/rpc/port.ts'
import { pair } from '../../src/rpc/ports/pair.ts'
import { serve } from '../../src/rpc/serve.ts'
import { trial, trialHandlers } from './contract.ts'

const joined = () => {
  const [near, far] = pair()
  const log = { aborted: 0, subscribed: 0 }
  const errors: unknown[] = []
  serve(trial, trialHandlers(log), far, { onError: (error) => errors.push(error) })
  return { client: connect(trial, near), near, far, log, errors }
}
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('a contract served over a port', () => {
  test('answers a query and fills in defaults of its input', async () => {
    const { client } = joined()
    expect(await client.double({ values: Float32Array.of(1, 2) })).toEqual(Float32Array.of(2, 4))
    expect(await client.double({ values: Float32Array.of(1), times: 5 })).toEqual(Float32Array.of(5))
  })

  test('streams parts, dropping some in a burst but never the last', async () => {
    const { client } = joined()
    const parts: number[] = []
    expect(await client.count({ to: 1000 }, { onPart: (part) => parts.push(part) })).toBe('counted to 1000')
    expect(parts[0]).toBe(1)
    expect(parts.at(-1)).toBe(1000)
    expect(parts.length).toBeLessThan(20)
  })

  test('publishes a topic until it is unsubscribed', async () => {
    const { client, log } = joined()
    const messages: string[] = []
    const off = client.ticks((message) => messages.push(message))
    await until(() => messages.length > 2)
    expect(messages.slice(0, 2)).toEqual(['first', 'next'])
    off()
    off()
    await until(() => log.subscribed === 0)
    const { length } = messages
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(messages.length).toBe(length)
  })

  test('an abort rejects the caller with cancelled and fires the handler’s signal', async () => {
    const { client, log } = joined()
    const controller = new AbortController()
    const call = client.forever({}, { signal: controller.signal, onPart: () => controller.abort() })
    await expect(call).rejects.toMatchObject({ code: 'cancelled' })
    await until(() => log.aborted === 1)
  })

  test('a call that is aborted before it starts is never sent', async () => {
    const { client, log } = joined()
    await expect(client.forever({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
    expect(log.aborted).toBe(0)
  })

  test('closing the port rejects what is in flight and what comes later, and aborts the work', async () => {
    const { client, near, log } = joined()
    const call = client.forever({})
    const off = client.ticks(() => {})
    await until(() => log.subscribed === 1)
    near.close()
    await expect(call).rejects.toMatchObject({ code: 'engine-gone' })
    await expect(client.count({ to: 1 })).rejects.toMatchObject({ code: 'engine-gone' })
    await until(() => log.aborted === 1 && log.subscribed === 0)
    off()
  })

  test('typed arrays are never sent as views of something larger', async () => {
    const [near, far] = pair()
    const handlers = trialHandlers({ aborted: 0, subscribed: 0 })
    serve(trial, { ...handlers, double: () => new Float32Array(100).subarray(10, 12) }, far)
    const answer = await connect(trial, near).double({ values: Float32Array.of(1) })
    expect(answer.length).toBe(2)
    expect(answer.buffer.byteLength).toBe(8)
  })
})

describe('failures over a port', () => {
  test('a bad input names the field', async () => {
    const { client } = joined()
    const call = client.double({ values: Float32Array.of(1), times: -1 })
    await expect(call).rejects.toMatchObject({ code: 'bad-input', detail: { field: 'times' } })
    await expect(call).rejects.toThrow(/^times: /)
  })

  test('an EngineError crosses with its code, sentence and detail', async () => {
    const { client, errors } = joined()
    await expect(client.fail({ how: 'named' })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'not-found',
      message: 'no such thing: x',
      detail: { name: 'x' },
    })
    expect(errors).toEqual([])
  })

  test.for(['thrown', 'thrown-late'] as const)('a bug (%s) arrives as one short internal line', async (how) => {
    const { client, errors } = joined()
    await expect(client.fail({ how })).rejects.toMatchObject({ code: 'internal', message: 'boom' })
    expect((errors[0] as Error).message).toMatch(/secret/)
  })

  test('an unknown operation and a topic that is called are bad input', async () => {
    const { near } = joined()
    const replies: unknown[] = []
    near.onMessage((message) => replies.push(message))
    near.send({ kind: 'call', id: 1, operation: 'toString', input: {} })
    near.send({ kind: 'call', id: 2, operation: 'ticks', input: {} })
    near.send({ kind: 'listen', id: 3, operation: 'count' })
    await until(() => replies.length === 3)
    expect(replies).toMatchObject(
      [1, 2, 3].map((id) => ({ kind: 'fail', id, error: { code: 'bad-input' } })).sort((a, b) => a.id - b.id),
    )
  })

  test('what is no message is ignored', async () => {
    const { client, near } = joined()
    const anything = near as { send: (value: unknown) => void } & Omit<Port, 'send'>
    for (const value of [null, 'x', {}, { kind: 'call', id: 'a' }, { kind: 'call', id: 1 }, { kind: 'cancel', id: 99 }])
      anything.send(value)
    expect(await client.count({ to: 1 })).toBe('counted to 1')
  })

  test('an answer the port cannot carry fails the call', async () => {
    const [near, far] = pair()
    const strict: Port = { ...far, send: (message) => far.send(structuredClone(message)) }
    const handlers = trialHandlers({ aborted: 0, subscribed: 0 })
    serve(trial, { ...handlers, count: () => (() => {}) as unknown as string }, strict)
    await expect(connect(trial, near).count({ to: 1 })).rejects.toMatchObject({ code: 'internal' })
  })
})

test('a call whose input the port cannot carry is rejected and leaves nothing listening to its signal', async () => {
  const port: Port = {
    send: () => {
      throw new DOMException('could not be cloned', 'DataCloneError')
    },
    onMessage: () => {},
    onClose: () => {},
    close: () => {},
  }
  const { signal } = new AbortController()
  const removed = vi.spyOn(signal, 'removeEventListener')
  await expect(connect(trial, port).double({ values: new Float32Array(1) }, { signal })).rejects.toThrow(
    'could not be cloned',
  )
  expect(removed).toHaveBeenCalledOnce()
})
