import { expect, test } from 'vitest'
import { npyHeader, readNpy, writeNpy } from '../../src/formats/npy.ts'

test('a float32 matrix is read back with its shape', () => {
  const data = new Float32Array([1, -2.5, 3e-8, 4, 5, Number.NaN])
  const read = readNpy(writeNpy({ dtype: 'float32', shape: [2, 3], axes: ['a', 'b'], data }))
  expect(read).toEqual({ dtype: 'float32', shape: [2, 3], data })
})

test('int64 and uint8 vectors are read back', () => {
  const tokens = new BigInt64Array([50258n, -1n, 9_007_199_254_740_993n])
  expect(readNpy(writeNpy({ dtype: 'int64', shape: [3], axes: ['token'], data: tokens })).data).toEqual(tokens)
  const bytes = new Uint8Array([0, 255])
  expect(readNpy(writeNpy({ dtype: 'uint8', shape: [2], axes: ['byte'], data: bytes })).data).toEqual(bytes)
})

test('the values start at a multiple of 64 bytes and the header says what NumPy expects', () => {
  const header = npyHeader('float32', [12, 1214, 1214])
  expect(header.length % 64).toBe(0)
  expect(new TextDecoder('latin1').decode(header.subarray(10)).trimEnd()).toBe(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (12, 1214, 1214), }",
  )
  expect(header.at(-1)).toBe(10)
})

test('a vector has a tuple with a trailing comma, a scalar an empty one', () => {
  const text = (shape: number[]) => new TextDecoder('latin1').decode(npyHeader('float32', shape))
  expect(text([7])).toContain("'shape': (7,)")
  expect(text([])).toContain("'shape': ()")
})

test('a view that is not at the start of its buffer is written from where it is', () => {
  const data = new Float32Array([9, 1, 2]).subarray(1)
  expect([...readNpy(writeNpy({ dtype: 'float32', shape: [2], axes: ['a'], data })).data]).toEqual([1, 2])
})

test('other bytes and a file cut short are refused', () => {
  expect(() => readNpy(new Uint8Array(200))).toThrow('not an npy file')
  const file = writeNpy({ dtype: 'float32', shape: [3], axes: ['a'], data: new Float32Array(3) })
  expect(() => readNpy(file.subarray(0, file.length - 1))).toThrow('shorter')
})
