import { InferenceSession, Tensor, type TypedTensor } from 'onnxruntime-node'
import { concat } from '../../../src/formats/concat.ts'
import { bytesField, floatField, integerField, textField } from '../../../src/formats/onnx/encode.ts'
import type { ByteSource } from '../../../src/formats/onnx/graph.ts'

/** Writes small ONNX models by hand, and runs them: what tests need to know exactly what is in a file. */

export type Attribute = number | number[] | { float: number } | { tensor: Uint8Array } | { graph: Uint8Array }

const attribute = (name: string, value: Attribute): Uint8Array => {
  const content =
    typeof value === 'number'
      ? [integerField(3, value), integerField(20, 2)]
      : Array.isArray(value)
        ? [...value.map((v) => integerField(8, v)), integerField(20, 7)]
        : 'float' in value
          ? [floatField(2, value.float), integerField(20, 1)]
          : 'tensor' in value
            ? [bytesField(5, value.tensor), integerField(20, 4)]
            : [bytesField(6, value.graph), integerField(20, 5)]
  return bytesField(5, textField(1, name), ...content)
}

export const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, Attribute> = {},
  domain = '',
): Uint8Array =>
  bytesField(
    1,
    ...inputs.map((input) => textField(1, input)),
    ...outputs.map((output) => textField(2, output)),
    textField(4, opType),
    ...(domain === '' ? [] : [textField(7, domain)]),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  )

const dims = (shape: number[]): Uint8Array[] => shape.map((size) => integerField(1, size))

export const bytesOfFloats = (values: ArrayLike<number>): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)

/** The content of a TensorProto. */
export const floats = (name: string, shape: number[], values: ArrayLike<number>): Uint8Array =>
  concat([...dims(shape), integerField(2, 1), textField(8, name), bytesField(9, bytesOfFloats(values))])

export const integers = (name: string, shape: number[], values: number[]): Uint8Array =>
  concat([
    ...dims(shape),
    integerField(2, 7),
    textField(8, name),
    bytesField(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
  ])

/** float_data, packed, in place of raw_data. */
export const typedFloats = (name: string, shape: number[], values: ArrayLike<number>): Uint8Array =>
  concat([...dims(shape), integerField(2, 1), bytesField(4, bytesOfFloats(values)), textField(8, name)])

/** int64_data, one field per value. */
export const typedIntegers = (name: string, shape: number[], values: number[]): Uint8Array =>
  concat([...dims(shape), integerField(2, 7), ...values.map((value) => integerField(7, value)), textField(8, name)])

export const externalFloats = (name: string, shape: number[], location: string, offset: number): Uint8Array => {
  const entry = (key: string, value: string) => bytesField(13, textField(1, key), textField(2, value))
  return concat([
    ...dims(shape),
    integerField(2, 1),
    textField(8, name),
    entry('location', location),
    entry('offset', String(offset)),
    entry('length', String(4 * shape.reduce((n, size) => n * size, 1))),
    integerField(14, 1),
  ])
}

export const value = (name: string, dataType: number, shape: (number | string)[]): Uint8Array => {
  const dimension = (size: number | string) =>
    bytesField(1, typeof size === 'number' ? integerField(1, size) : textField(2, size))
  const type = bytesField(1, integerField(1, dataType), bytesField(2, ...shape.map(dimension)))
  return concat([textField(1, name), bytesField(2, type)])
}

export interface Parts {
  nodes: Uint8Array[]
  initializers?: Uint8Array[]
  inputs: Uint8Array[]
  /** names, or values made with `value` */
  outputs: (string | Uint8Array)[]
  opset?: number
}

export const graphField = ({ nodes, initializers = [], inputs, outputs }: Omit<Parts, 'opset'>): Uint8Array =>
  bytesField(
    7,
    ...nodes,
    textField(2, 'test'),
    ...initializers.map((tensor) => bytesField(5, tensor)),
    ...inputs.map((input) => bytesField(11, input)),
    ...outputs.map((output) => bytesField(12, typeof output === 'string' ? textField(1, output) : output)),
  )

export const model = (parts: Parts): Uint8Array<ArrayBuffer> =>
  concat([
    integerField(1, 8),
    textField(2, 'tests'),
    graphField(parts),
    bytesField(8, textField(1, ''), integerField(2, parts.opset ?? 17)),
    bytesField(8, textField(1, 'com.microsoft'), integerField(2, 1)),
  ])

/** A source over bytes that counts what is read. */
export const sourceOf = (bytes: Uint8Array): ByteSource & { readBytes: number } => ({
  size: bytes.length,
  readBytes: 0,
  read(offset, length) {
    if (offset < 0 || offset + length > bytes.length) throw new Error('outside')
    this.readBytes += length
    return bytes.subarray(offset, offset + length)
  },
})

/** Numbers that look random and are the same every time, in [-1, 1). */
export const noise = (count: number, seed = 1): Float32Array => {
  let state = seed
  return Float32Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 1073741824 - 1
  })
}

export const tensor = (shape: number[], data: Float32Array): Tensor => new Tensor('float32', data, shape)

export const tokens = (ids: number[]): Tensor => new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length])

/** Loads a model file by path, as the program does, and runs it once. */
export const runFile = async (
  path: string,
  feeds: Record<string, Tensor>,
): Promise<Map<string, TypedTensor<'float32'>>> => {
  const options: InferenceSession.SessionOptions = { logSeverityLevel: 3, intraOpNumThreads: 1 }
  const session = await InferenceSession.create(path, options)
  try {
    const results = await session.run(feeds)
    return new Map(Object.entries(results).map(([name, result]) => [name, result as TypedTensor<'float32'>]))
  } finally {
    await session.release()
  }
}
