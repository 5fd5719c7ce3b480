import { expect, test } from 'vitest'
import { fromFloat16, toFloat16 } from '../../src/formats/float16.ts'

const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits)
const half = (value: number): number => toFloat16(Float32Array.of(value))[0]!

test('every half becomes its float32 and back', () => {
  const values = fromFloat16(all)
  expect([values[0x3c00], values[0xc000], values[0x7bff], values[1], values[0x0400]]).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    2 ** -14,
  ])
  const back = toFloat16(values)
  for (const bits of all) if (!Number.isNaN(values[bits])) expect(back[bits]).toBe(bits)
})

test('the nearest half is taken, ties to even', () => {
  expect(half(1 + 2 ** -11)).toBe(half(1))
  expect(half(1 + 3 * 2 ** -11)).toBe(half(1 + 2 ** -9))
  expect(half(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01)
  expect(half(2047.9999)).toBe(half(2048))
  expect(half(2 ** -25)).toBe(0)
  expect(half(1.01 * 2 ** -25)).toBe(1)
  expect(half(2 ** -14 - 2 ** -25)).toBe(0x0400)
})

test('what no half can hold is infinite, nothing or no number', () => {
  expect([half(65519), half(65520), half(-1e30), half(1e-30), half(-1e-30)]).toEqual([
    0x7bff, 0x7c00, 0xfc00, 0, 0x8000,
  ])
  expect([half(Infinity), half(-Infinity)]).toEqual([0x7c00, 0xfc00])
  expect(fromFloat16(toFloat16(Float32Array.of(NaN)))[0]).toBeNaN()
  expect(toFloat16(new Float32Array(0))).toHaveLength(0)
})

test.skipIf(!('Float16Array' in globalThis))('agrees with Float16Array on random numbers', () => {
  const values = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i * 12.9898) * 10 ** ((i % 14) - 8))
  const expected = new Uint16Array(new Float16Array(values).buffer)
  expect(toFloat16(values)).toEqual(expected)
})
