import { elementCount, type DType, type DataTypeMap } from '../contract/tensor.ts'
import { bytesPerElement, valuesOf } from './npy.ts'

/** Hugging Face's tensor file: length, JSON header, values end to end. https://github.com/huggingface/safetensors#format */

const names: Record<DType, string> = { float32: 'F32', int64: 'I64', uint8: 'U8' }

export interface SafetensorsEntry {
  name: string
  dtype: DType
  shape: readonly number[]
}

/**
 * Everything before the values, which then follow in the order of `entries` with nothing in between. Give the widest types
 * first, so that every tensor lies aligned.
 */
export const safetensorsHeader = (
  entries: readonly SafetensorsEntry[],
  metadata: Record<string, string> = {},
): Uint8Array => {
  let offset = 0
  const header: Record<string, unknown> = { __metadata__: metadata }
  for (const { name, dtype, shape } of entries) {
    const end = offset + elementCount(shape) * bytesPerElement[dtype]
    header[name] = { dtype: names[dtype], shape, data_offsets: [offset, end] }
    offset = end
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + padded).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true)
  bytes.set(json, 8)
  return bytes
}

export interface Safetensors {
  metadata: Record<string, string>
  tensors: Map<string, { dtype: DType; shape: number[]; data: DataTypeMap[DType] }>
}

/** Reads float32, int64 and uint8 tensors. Throws a plain Error where the bytes are no such file. */
export const readSafetensors = (bytes: Uint8Array): Safetensors => {
  if (bytes.length < 8) throw new Error('not a safetensors file')
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (8 + length > bytes.length) throw new Error('not a safetensors file')
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>
  const { __metadata__: metadata = {}, ...entries } = header
  const tensors: Safetensors['tensors'] = new Map()
  for (const [name, value] of Object.entries(entries)) {
    const entry = value as { dtype: string; shape: number[]; data_offsets: [number, number] }
    const dtype = (Object.keys(names) as DType[]).find((key) => names[key] === entry.dtype)
    if (!dtype) throw new Error(`unknown tensor type: ${entry.dtype}`)
    const data = valuesOf(dtype, bytes, 8 + length + entry.data_offsets[0], elementCount(entry.shape))
    tensors.set(name, { dtype, shape: entry.shape, data })
  }
  return { metadata: metadata as Record<string, string>, tensors }
}
