import { fromFloat16 } from '../float16.ts'
import type { ByteSource, OnnxTensor } from './graph.ts'
import { fieldsOf, floatsOf, textOf, varintsOf, type Field } from './wire.ts'

/** TensorProto.DataType: what we can name, with the bytes an element takes. */
const dataTypes = new Map<number, { name: string; bytes: number }>([
  [1, { name: 'float32', bytes: 4 }],
  [2, { name: 'uint8', bytes: 1 }],
  [3, { name: 'int8', bytes: 1 }],
  [4, { name: 'uint16', bytes: 2 }],
  [5, { name: 'int16', bytes: 2 }],
  [6, { name: 'int32', bytes: 4 }],
  [7, { name: 'int64', bytes: 8 }],
  [8, { name: 'string', bytes: 0 }],
  [9, { name: 'bool', bytes: 1 }],
  [10, { name: 'float16', bytes: 2 }],
  [11, { name: 'float64', bytes: 8 }],
  [12, { name: 'uint32', bytes: 4 }],
  [13, { name: 'uint64', bytes: 8 }],
  [16, { name: 'bfloat16', bytes: 2 }],
  [21, { name: 'uint4', bytes: 0.5 }],
  [22, { name: 'int4', bytes: 0.5 }],
])

/** 'float32', 'int64' …; 'type 17' for one without a name here. */
export const dataTypeName = (dataType: number): string => dataTypes.get(dataType)?.name ?? `type ${dataType}`

export const elementBytes = (dataType: number): number => dataTypes.get(dataType)?.bytes ?? 0

export const isFloat = (dataType: number): boolean => [1, 10, 11, 16].includes(dataType)

const readExternal = (source: ByteSource, entry: Field, data: OnnxTensor['data']): void => {
  let key = ''
  let value = ''
  for (const f of fieldsOf(source, entry)) {
    if (f.number === 1) key = textOf(source, f)
    if (f.number === 2) value = textOf(source, f)
  }
  if (key === 'location') data.location = value
  if (key === 'offset') data.offset = Number(value)
  if (key === 'length') data.length = Number(value)
}

/**
 * A tensor's name, type and shape, and where its values lie. A typed field that holds the very bytes `raw_data` would (packed
 * float_data of float32, double_data of float64) is as good as raw.
 */
export const readTensor = (source: ByteSource, field: Field): OnnxTensor => {
  const tensor: OnnxTensor = {
    name: '',
    dataType: 0,
    dims: [],
    data: { offset: field.offset, length: 0, location: null },
    span: { offset: field.offset, length: field.length },
    raw: true,
  }
  const external: OnnxTensor['data'] = { offset: 0, length: -1, location: null }
  const typed: Field[] = []
  for (const f of fieldsOf(source, field)) {
    if (f.number === 1) tensor.dims.push(...varintsOf(source, f))
    else if (f.number === 2) tensor.dataType = f.value
    else if (f.number === 8) tensor.name = textOf(source, f)
    else if (f.number === 9) Object.assign(tensor.data, { offset: f.offset, length: f.length })
    else if (f.number === 13) readExternal(source, f, external)
    else if ([4, 5, 6, 7, 10, 11].includes(f.number)) typed.push(f)
  }
  const bytes = Math.ceil(tensor.dims.reduce((n, size) => n * size, elementBytes(tensor.dataType)))
  if (external.location !== null) tensor.data = { ...external, length: external.length < 0 ? bytes : external.length }
  else if (typed.length > 0) placeTyped(tensor, typed, bytes)
  return tensor
}

const placeTyped = (tensor: OnnxTensor, typed: Field[], bytes: number): void => {
  const [first] = typed
  const packed = first?.wire === 2 && typed.length === 1 && first.length === bytes
  tensor.raw =
    packed && ((first.number === 4 && tensor.dataType === 1) || (first.number === 10 && tensor.dataType === 11))
  if (tensor.raw && first) Object.assign(tensor.data, { offset: first.offset, length: first.length })
}

/** TensorProto.DataType of half precision. */
export const float16 = 10

const halves = (bits: number): number => fromFloat16(Uint16Array.of(bits))[0] ?? NaN

const readers = new Map<number, (view: DataView, at: number) => number>([
  [1, (view, at) => view.getFloat32(at, true)],
  [6, (view, at) => view.getInt32(at, true)],
  [7, (view, at) => Number(view.getBigInt64(at, true))],
  [float16, (view, at) => halves(view.getUint16(at, true))],
  [11, (view, at) => view.getFloat64(at, true)],
])

const typedValues = (source: ByteSource, tensor: OnnxTensor): number[] => {
  const message: Field = { number: 1, wire: 2, start: tensor.span.offset, ...tensor.span, value: 0 }
  return Array.from(fieldsOf(source, message)).flatMap((f) => {
    if (f.number === 4) return floatsOf(source, f, 4)
    if (f.number === 10) return floatsOf(source, f, 8)
    const integers = f.number === 5 || f.number === 7 ? varintsOf(source, f) : []
    // int32_data holds a half's bits
    return tensor.dataType === float16 ? integers.map(halves) : integers
  })
}

/** Values of a small tensor of the model file (float32, float64, float16, int32, int64); undefined for any other. */
export const smallValues = (source: ByteSource, tensor: OnnxTensor): number[] | undefined => {
  const count = tensor.dims.reduce((n, size) => n * size, 1)
  const read = readers.get(tensor.dataType)
  if (!read || count > 1024 || tensor.data.location !== null) return undefined
  if (!tensor.raw) return typedValues(source, tensor)
  const bytes = elementBytes(tensor.dataType)
  if (tensor.data.length !== count * bytes) return undefined
  const data = source.read(tensor.data.offset, tensor.data.length)
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Array.from({ length: count }, (_, i) => read(view, i * bytes))
}
