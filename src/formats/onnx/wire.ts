import type { ByteSource } from './graph.ts'

/** Protobuf's wire format, read in place: nothing is loaded but tags, lengths and what is asked for. */

export interface Field {
  number: number
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes */
  wire: number
  /** where the tag begins, where the content begins, and how long the content is, in bytes of the source */
  start: number
  offset: number
  length: number
  /** value of a varint (int64 is signed; beyond 2^53 it loses precision), else 0 */
  value: number
}

/** A message, name or list of numbers longer than this is not believed; weights are never read whole. */
const largestRead = 1 << 24

const readVarint = (source: ByteSource, at: number, end: number): { value: number; next: number } => {
  const bytes = source.read(at, Math.min(10, end - at))
  let low = 0
  for (const [i, byte] of bytes.entries()) {
    // four groups of seven bits fit a 32-bit integer; longer ones take the exact way
    if (i < 4) low |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) return { value: i < 4 ? low : longVarint(bytes.subarray(0, i + 1)), next: at + i + 1 }
  }
  throw new Error(`a number at byte ${at} does not end`)
}

const longVarint = (bytes: Uint8Array): number => {
  let value = 0n
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte & 0x7f) << BigInt(7 * i)
  return Number(BigInt.asIntN(64, value))
}

/** Size of the content at `at`; checks that it lies inside the message, so a hostile length is refused before any read. */
const contentLength = (wire: number, announced: number, at: number, end: number): number => {
  const length = wire === 1 ? 8 : wire === 5 ? 4 : announced
  if (length < 0 || length > end - at)
    throw new Error(`a field at byte ${at} announces ${length} bytes where ${end - at} are left`)
  return length
}

/** The fields of the message in [start, end), in order. Throws where the bytes are no protobuf. */
export function* fields(source: ByteSource, start: number, end: number): Generator<Field> {
  let at = start
  while (at < end) {
    const tag = readVarint(source, at, end)
    const number = Math.floor(tag.value / 8)
    const wire = tag.value & 7
    if (number < 1 || ![0, 1, 2, 5].includes(wire)) throw new Error(`byte ${at} begins no field of a protobuf message`)
    const varint = wire === 0 || wire === 2 ? readVarint(source, tag.next, end) : { value: 0, next: tag.next }
    const length = wire === 0 ? 0 : contentLength(wire, varint.value, varint.next, end)
    yield { number, wire, start: at, offset: varint.next, length, value: wire === 0 ? varint.value : 0 }
    at = varint.next + length
  }
}

/** The fields of the message that `field` holds. */
export const fieldsOf = (source: ByteSource, field: Field): Generator<Field> => {
  if (field.wire !== 2) throw new Error(`a message is expected at byte ${field.start}`)
  return fields(source, field.offset, field.offset + field.length)
}

export const bytesOf = (source: ByteSource, field: Field): Uint8Array => {
  if (field.length > largestRead) throw new Error(`a field at byte ${field.start} has ${field.length} bytes`)
  return source.read(field.offset, field.length)
}

const decoder = new TextDecoder()

export const textOf = (source: ByteSource, field: Field): string => decoder.decode(bytesOf(source, field))

/** A repeated integer: one entry per field, or many packed in one. */
export const varintsOf = (source: ByteSource, field: Field): number[] => {
  if (field.wire === 0) return [field.value]
  bytesOf(source, field)
  const values: number[] = []
  const end = field.offset + field.length
  for (let at = field.offset; at < end;) {
    const { value, next } = readVarint(source, at, end)
    values.push(value)
    at = next
  }
  return values
}

/** A repeated float or double, packed or not. */
export const floatsOf = (source: ByteSource, field: Field, bytesEach: 4 | 8): number[] => {
  const bytes = bytesOf(source, field)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / bytesEach) }, (_, i) =>
    bytesEach === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true),
  )
}
