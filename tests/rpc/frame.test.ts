import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../src/rpc/frame.ts'
import type { Message } from '../../src/rpc/port.ts'

const done = (value: unknown): Message => ({ kind: 'done', id: 7, value })

describe('a frame', () => {
  test.for([
    null,
    'text with “quotes”, \u202eright to left, \n and 🎵',
    { a: [1, { b: true }], none: null },
    { low: NaN, high: [Infinity, -Infinity] },
    Float32Array.of(1.5, NaN, -0),
    { maps: [{ data: Uint8Array.of(1, 2, 3) }, { data: BigInt64Array.of(-5n) }], n: Float64Array.of(Math.PI) },
    { empty: new Float32Array(0) },
    Array.from({ length: 3 }, (_, i) => new Uint8ClampedArray(i)),
  ])('round trip %#', (value) => {
    expect(decodeFrame(encodeFrame(done(value)))).toEqual(done(value))
  })

  test('carries only a view’s own stretch, into a buffer of its own', () => {
    const view = new Float32Array(1000).fill(3).subarray(1, 3)
    const frame = encodeFrame(done(view))
    expect(frame.byteLength).toBeLessThan(200)
    const { value } = decodeFrame(frame) as { value: Float32Array }
    expect([...value]).toEqual([3, 3])
    expect(value.buffer.byteLength).toBe(8)
  })

  test('a Buffer arrives as a Uint8Array', () => {
    const { value } = decodeFrame(encodeFrame(done(Buffer.from('abc')))) as { value: Uint8Array }
    expect(value.constructor).toBe(Uint8Array)
    expect([...value]).toEqual([97, 98, 99])
  })

  test('may start anywhere in a larger buffer', () => {
    const frame = encodeFrame(done(Float32Array.of(1, 2)))
    const shifted = new Uint8Array(frame.length + 3)
    shifted.set(frame, 3)
    expect(decodeFrame(shifted.subarray(3))).toEqual(done(Float32Array.of(1, 2)))
  })
})

describe('a malformed frame throws', () => {
  const whole = encodeFrame(done({ a: Float32Array.of(1, 2, 3, 4) }))
  const handMade = (head: unknown): Uint8Array => {
    const json = new TextEncoder().encode(JSON.stringify(head))
    const frame = new Uint8Array(4 + json.length + 64)
    new DataView(frame.buffer).setUint32(0, json.length, true)
    frame.set(json, 4)
    return frame
  }
  test.for([0, 3, 4, 20, whole.length - 1])('cut after %d bytes', (length) => {
    expect(() => decodeFrame(whole.slice(0, length))).toThrow()
  })
  test.for([
    ['no message', { message: { kind: 'shout', id: 1 }, attachments: [] }],
    ['no attachments', { message: done(1) }],
    [
      'a constructor that is no array',
      { message: done(null), attachments: [{ path: ['value'], type: 'constructor', length: 4 }] },
    ],
    ['a negative length', { message: done(null), attachments: [{ path: ['value'], type: 'Uint8Array', length: -4 }] }],
    ['a path to nowhere', { message: done(null), attachments: [{ path: ['a', 'b'], type: 'Uint8Array', length: 4 }] }],
  ])('%s', ([, head]) => {
    expect(() => decodeFrame(handMade(head))).toThrow()
  })
  test('a path into a prototype, which stays untouched', () => {
    const path = ['__proto__', 'polluted']
    expect(() =>
      decodeFrame(handMade({ message: done(null), attachments: [{ path, type: 'NaN', length: 0 }] })),
    ).toThrow()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})
