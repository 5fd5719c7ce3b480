import { expect, test } from 'vitest'
import { bytesOf } from '../../src/formats/npy.ts'
import { readSafetensors, safetensorsHeader } from '../../src/formats/safetensors.ts'

const join = (...pieces: Uint8Array[]) => new Uint8Array(pieces.flatMap((piece) => [...piece]))

test('tensors and metadata are read back', () => {
  const tokens = new BigInt64Array([1n, 2n, 3n])
  const hidden = new Float32Array([0.5, -1, 2, 4])
  const header = safetensorsHeader(
    [
      { name: 'tokens', dtype: 'int64', shape: [3] },
      { name: 'encoder.hidden.0', dtype: 'float32', shape: [2, 2] },
    ],
    { otoscope: '{"region":[0,5]}' },
  )
  const { metadata, tensors } = readSafetensors(join(header, bytesOf(tokens), bytesOf(hidden)))
  expect(metadata.otoscope).toBe('{"region":[0,5]}')
  expect(tensors.get('tokens')).toEqual({ dtype: 'int64', shape: [3], data: tokens })
  expect(tensors.get('encoder.hidden.0')).toEqual({ dtype: 'float32', shape: [2, 2], data: hidden })
})

test('the values begin at a multiple of eight bytes', () => {
  for (const name of ['a', 'ab', 'abc', 'abcd'])
    expect(safetensorsHeader([{ name, dtype: 'float32', shape: [1] }]).length % 8).toBe(0)
})

test('a name with quotes or of another script stays that name', () => {
  const name = 'a"b\\ü'
  const file = join(safetensorsHeader([{ name, dtype: 'uint8', shape: [1] }]), new Uint8Array([7]))
  expect(readSafetensors(file).tensors.get(name)?.data).toEqual(new Uint8Array([7]))
})

test('other bytes and values cut short are refused', () => {
  expect(() => readSafetensors(new Uint8Array([1]))).toThrow('not a safetensors file')
  expect(() => readSafetensors(new Uint8Array(16).fill(255))).toThrow('not a safetensors file')
  expect(() => readSafetensors(safetensorsHeader([{ name: 'a', dtype: 'float32', shape: [2] }]))).toThrow('shorter')
})
