import { concat } from '../concat.ts'

/** Protobuf messages written as lists of byte chunks. */

const encoder = new TextEncoder()

const varint = (value: number): number[] => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return [...bytes, Number(rest)]
}

export const integerField = (number: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(number * 8), ...varint(value)])

export const bytesField = (number: number, ...content: Uint8Array[]): Uint8Array => {
  const length = content.reduce((n, chunk) => n + chunk.length, 0)
  return concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(length)]), ...content])
}

export const textField = (number: number, text: string): Uint8Array => bytesField(number, encoder.encode(text))

/** A float is four bytes, the lowest first. */
export const floatField = (number: number, value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return concat([Uint8Array.from(varint(number * 8 + 5)), bytes])
}
