import { expect, test } from 'vitest'
import { concat } from '../../../src/formats/concat.ts'
import { bytesField, integerField, textField } from '../../../src/formats/onnx/encode.ts'
import { fields, floatsOf, textOf, varintsOf } from '../../../src/formats/onnx/wire.ts'
import { bytesOfFloats, sourceOf } from './build-model.ts'

const read = (bytes: Uint8Array) => {
  const source = sourceOf(bytes)
  return { source, all: [...fields(source, 0, source.size)] }
}

test('reads back integers of any size and sign', () => {
  const values = [0, 1, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 52 + 1, -1, -(2 ** 40)]
  const { all } = read(concat(values.map((value) => integerField(3, value))))
  expect(all.map((field) => field.value)).toEqual(values)
  expect(all.every((field) => field.number === 3 && field.wire === 0)).toBe(true)
})

test('reads texts, and numbers packed or not', () => {
  const { source, all } = read(
    concat([textField(1, 'grüße'), bytesField(2, Uint8Array.of(1, 0x80, 1)), bytesField(3, bytesOfFloats([0.5, -2]))]),
  )
  expect(textOf(source, all[0]!)).toBe('grüße')
  expect(varintsOf(source, all[1]!)).toEqual([1, 128])
  expect(floatsOf(source, all[2]!, 4)).toEqual([0.5, -2])
})

test('skips a large field without reading it', () => {
  const { source, all } = read(concat([bytesField(9, new Uint8Array(100_000)), integerField(1, 7)]))
  expect(all.map((field) => field.length)).toEqual([100_000, 0])
  expect(source.readBytes).toBeLessThan(100)
})

test('has no fields where there are no bytes', () => {
  expect(read(new Uint8Array(0)).all).toEqual([])
})

test('refuses a length beyond the end before reading anything of it', () => {
  const claim = Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2)
  expect(() => read(claim)).toThrow('announces 34359738367 bytes where 2 are left')
  expect(() => read(Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01))).toThrow(
    'announces -1',
  )
})

test('refuses what is no protobuf: groups, field 0, numbers without an end', () => {
  expect(() => read(Uint8Array.of(0x0b))).toThrow('begins no field')
  expect(() => read(Uint8Array.of(0x00, 0x00))).toThrow('begins no field')
  expect(() => read(new Uint8Array(12).fill(0xff))).toThrow('does not end')
  expect(() => read(Uint8Array.of(0x08))).toThrow('does not end')
})
