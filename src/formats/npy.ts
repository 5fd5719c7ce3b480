import { elementCount, type DType, type DataTypeMap, type Tensor } from '../contract/tensor.ts'

/** NumPy's array file, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */

const descriptors: Record<DType, string> = { float32: '<f4', int64: '<i8', uint8: '|u1' }
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0] // \x93NUMPY 1.0
const prefixBytes = magic.length + 2

/** What comes before the values; padded so that they start at a multiple of 64 bytes. */
export const npyHeader = (dtype: DType, shape: readonly number[]): Uint8Array => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const text = `{'descr': '${descriptors[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`
  const padded = Math.ceil((prefixBytes + text.length + 1) / 64) * 64 - prefixBytes
  const body = new TextEncoder().encode(text.padEnd(padded - 1) + '\n')
  const header = new Uint8Array(prefixBytes + padded)
  header.set([...magic, padded & 0xff, padded >> 8])
  header.set(body, prefixBytes)
  return header
}

/** The file's bytes. */
export const writeNpy = (tensor: Tensor<DType>): Uint8Array => {
  const header = npyHeader(tensor.dtype, tensor.shape)
  const values = bytesOf(tensor.data)
  const file = new Uint8Array(header.length + values.length)
  file.set(header)
  file.set(values, header.length)
  return file
}

/** Reads what `writeNpy` writes: row-major float32, int64 and uint8. Throws a plain Error on anything else. */
export const readNpy = (bytes: Uint8Array): { dtype: DType; shape: number[]; data: DataTypeMap[DType] } => {
  if (magic.slice(0, 6).some((byte, i) => bytes[i] !== byte)) throw new Error('not an npy file')
  const length = bytes[8]! + bytes[9]! * 256
  const text = new TextDecoder().decode(bytes.subarray(prefixBytes, prefixBytes + length))
  const descriptor = /'descr': '([^']+)'/.exec(text)?.[1]
  const dtype = (Object.keys(descriptors) as DType[]).find((key) => descriptors[key] === descriptor)
  if (!dtype || !text.includes("'fortran_order': False")) throw new Error(`unknown npy header: ${text.trim()}`)
  const shape = [...(/'shape': \(([^)]*)\)/.exec(text)?.[1] ?? '').matchAll(/\d+/g)].map((match) => Number(match[0]))
  return { dtype, shape, data: valuesOf(dtype, bytes, prefixBytes + length, elementCount(shape)) }
}

/** The bytes of a typed array, sharing its memory. */
export const bytesOf = (data: DataTypeMap[DType]): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

export const bytesPerElement: Record<DType, number> = { float32: 4, int64: 8, uint8: 1 }

/** `count` values copied out of `bytes` from `offset` on; the copy has a buffer of its own. */
export const valuesOf = (dtype: DType, bytes: Uint8Array, offset: number, count: number): DataTypeMap[DType] => {
  const end = offset + count * bytesPerElement[dtype]
  if (end > bytes.length) throw new Error('the file is shorter than its header says')
  // not slice: of a Node Buffer that would be a view
  const { buffer } = new Uint8Array(bytes.subarray(offset, end))
  if (dtype === 'float32') return new Float32Array(buffer)
  return dtype === 'int64' ? new BigInt64Array(buffer) : new Uint8Array(buffer)
}
