import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openArrayFile, type ArrayCard, type ArrayFile } from '../../../src/engine/export/array-file.ts'
import { bytesOf, readNpy } from '../../../src/formats/npy.ts'
import { readNpz, textOf } from '../../../src/formats/npz.ts'
import { readSafetensors } from '../../../src/formats/safetensors.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otoscope-arrays-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const tokens: ArrayCard = { name: 'tokens', dtype: 'int64', shape: [2], axes: ['token'] }
const hidden: ArrayCard = { name: 'encoder.hidden.0', dtype: 'float32', shape: [2, 3], axes: ['step', 'width'] }
const ids = new BigInt64Array([4n, 5n])
const values = new Float32Array([1, 2, 3, 4, 5, 6])

const fill = (file: ArrayFile, metadata = '{"region":[0,5]}'): void => {
  file.start([tokens, hidden], metadata)
  file.begin(tokens)
  file.push(bytesOf(ids))
  file.end()
  file.begin(hidden)
  for (const row of [0, 1]) file.push(bytesOf(values.slice(row * 3, row * 3 + 3)))
  file.end()
}

test('a safetensors file holds the arrays and the metadata', () => {
  const path = join(folder, 'a.safetensors')
  const file = openArrayFile(path)
  fill(file)
  file.commit()
  const read = readSafetensors(readFileSync(path))
  expect(read.metadata.otoscope).toBe('{"region":[0,5]}')
  expect(read.tensors.get('tokens')?.data).toEqual(ids)
  expect(read.tensors.get('encoder.hidden.0')).toEqual({ dtype: 'float32', shape: [2, 3], data: values })
})

test('an npz holds the arrays and the metadata as bytes', () => {
  const path = join(folder, 'a.npz')
  const file = openArrayFile(path)
  fill(file)
  file.commit()
  const read = readNpz(readFileSync(path))
  expect([...read.keys()]).toEqual(['__metadata__', 'tokens', 'encoder.hidden.0'])
  expect(textOf(read.get('__metadata__')?.data as Uint8Array)).toBe('{"region":[0,5]}')
  expect(read.get('encoder.hidden.0')?.data).toEqual(values)
})

test('a folder holds one npy per array and metadata.json, and loses arrays of an earlier export but no other file', () => {
  const path = join(folder, 'out')
  mkdirSync(path)
  writeFileSync(join(path, 'logits.npy'), '')
  writeFileSync(join(path, 'notes.txt'), 'mine')
  const file = openArrayFile(path + '/')
  fill(file)
  file.commit()
  expect(readdirSync(path).sort()).toEqual(['encoder.hidden.0.npy', 'metadata.json', 'notes.txt', 'tokens.npy'])
  expect(readNpy(readFileSync(join(path, 'encoder.hidden.0.npy'))).data).toEqual(values)
  expect(readdirSync(folder)).toEqual(['out'])
})

test('nothing is there before it is whole, and nothing after it was given up', () => {
  for (const name of ['a.safetensors', 'b.npz', 'c', 'deep/er/d.npz']) {
    const file = openArrayFile(join(folder, name))
    fill(file)
    expect(existsSync(join(folder, name))).toBe(false)
    file.discard()
  }
  expect(readdirSync(folder)).toEqual([])
})

test('giving up leaves an earlier file as it was', () => {
  const path = join(folder, 'a.npz')
  writeFileSync(path, 'earlier')
  const file = openArrayFile(path)
  fill(file)
  file.discard()
  expect(readFileSync(path, 'utf8')).toBe('earlier')
})

test('an output that cannot be written fails at once, with a sentence', () => {
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'x.npz'))
  expect(() => openArrayFile(join(folder, 'file', 'a.npz'))).toThrow('a part of its path is a file')
  expect(() => openArrayFile(join(folder, 'file'))).toThrow('a file has this name')
  expect(() => openArrayFile(join(folder, 'x.npz'))).toThrow('a folder has this name')
})

test('arrays beyond what an npz can hold are refused before the first is written', () => {
  const file = openArrayFile(join(folder, 'a.npz'))
  const large: ArrayCard = { ...hidden, shape: [40_000, 40_000] }
  expect(() => file.start([large], '{}')).toThrow('more than the 4 GB')
  file.discard()
})
