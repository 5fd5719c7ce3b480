import { readFileSync } from 'node:fs'
import { readSafetensors } from '../../src/formats/safetensors.ts'

export type Numbers = ReadonlyArray<number> | Float32Array | Float64Array

export const loadJson = <T>(path: URL | string): T => JSON.parse(readFileSync(path, 'utf8')) as T

export interface LoadedTensor {
  shape: number[]
  data: Float32Array | BigInt64Array | Uint8Array
}

export const loadTensors = (path: URL | string): Map<string, LoadedTensor> => {
  const file = readFileSync(path)
  // a plain view: slice() of Node's Buffer shares memory where Uint8Array's copies
  return readSafetensors(new Uint8Array(file.buffer, file.byteOffset, file.length)).tensors
}

export const floats = (tensors: Map<string, LoadedTensor>, name: string): Float32Array => {
  const data = tensors.get(name)?.data
  if (!(data instanceof Float32Array)) throw new Error(`no float32 tensor ${name}`)
  return data
}

export const integers = (tensors: Map<string, LoadedTensor>, name: string): number[] => {
  const data = tensors.get(name)?.data
  if (!(data instanceof BigInt64Array)) throw new Error(`no int64 tensor ${name}`)
  return Array.from(data, Number)
}

/** The largest difference of two equally long lists; NaN against a number counts as infinite. */
export const largestError = (actual: Numbers, expected: Numbers): number => {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values, ${expected.length} expected`)
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!)
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error
  }
  return worst
}
