import { expect, test } from 'vitest'
import { npzBytes, npzWriter, readNpz, textOf, textTensor, writeNpz } from '../../src/formats/npz.ts'

test('arrays of several types are read back by name, names with dots included', () => {
  const hidden = new Float32Array([1, 2, 3, 4])
  const tokens = new BigInt64Array([5n])
  const read = readNpz(
    writeNpz({
      'encoder.hidden.0': { dtype: 'float32', shape: [2, 2], axes: ['step', 'width'], data: hidden },
      tokens: { dtype: 'int64', shape: [1], axes: ['token'], data: tokens },
      __metadata__: textTensor('{"model":"ü"}'),
    }),
  )
  expect([...read.keys()]).toEqual(['encoder.hidden.0', 'tokens', '__metadata__'])
  expect(read.get('encoder.hidden.0')).toEqual({ dtype: 'float32', shape: [2, 2], data: hidden })
  expect(read.get('tokens')?.data).toEqual(tokens)
  expect(textOf(read.get('__metadata__')?.data as Uint8Array)).toBe('{"model":"ü"}')
})

test('an array pushed in pieces is the array pushed whole, and stays within the size told before', () => {
  const archive = (pieces: number[][]) => {
    const out: number[] = []
    const writer = npzWriter((bytes) => void out.push(...bytes))
    writer.begin('features', 'uint8', [4])
    for (const piece of pieces) writer.push(new Uint8Array(piece))
    writer.end()
    writer.close()
    return new Uint8Array(out)
  }
  const whole = archive([[1, 2, 3, 4]])
  expect(archive([[1], [2, 3], [4]])).toEqual(whole)
  expect([...(readNpz(whole).get('features')?.data ?? [])]).toEqual([1, 2, 3, 4])
  expect(whole.length).toBeLessThanOrEqual(npzBytes([{ name: 'features', dtype: 'uint8', shape: [4] }]))
})

test('the same arrays make the same bytes', () => {
  const archive = () => writeNpz({ a: { dtype: 'uint8', shape: [3], axes: ['x'], data: new Uint8Array([1, 2, 3]) } })
  expect(archive()).toEqual(archive())
})

test('an empty array and an empty archive are fine', () => {
  expect(readNpz(writeNpz({})).size).toBe(0)
  const empty = { dtype: 'float32', shape: [0, 3], axes: ['a', 'b'], data: new Float32Array(0) } as const
  expect(readNpz(writeNpz({ a: { ...empty, shape: [0, 3], axes: ['a', 'b'] } })).get('a')?.shape).toEqual([0, 3])
})
