import { isPlain } from './own-buffers.ts'
import { isMessage, type Message } from './port.ts'
import { typedArrayName, typedArrays, type TypedArrayName } from './typed-arrays.ts'

/**
 * A message as one binary WebSocket frame, little-endian: a uint32 length, that many bytes of JSON
 * `{ message, attachments }`, zeros up to a multiple of 8, then the bytes of the attachments, each padded to a multiple of 8. An
 * attachment says by its path where in the message a typed array (or a number JSON does not know) belongs.
 */
type Attachment = { path: (string | number)[]; type: string; length: number }

const padded = (length: number): number => (length + 7) & ~7

export const encodeFrame = (message: Message): Uint8Array<ArrayBuffer> => {
  const attachments: Attachment[] = []
  const views: ArrayBufferView[] = []
  const detach = (value: unknown, path: (string | number)[]): unknown => {
    if (ArrayBuffer.isView(value)) {
      attachments.push({ path, type: typedArrayName(value), length: value.byteLength })
      views.push(value)
      return null
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      attachments.push({ path, type: String(value), length: 0 })
      return null
    }
    if (Array.isArray(value)) return value.map((part, i) => detach(part, [...path, i]))
    if (!isPlain(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, detach(part, [...path, key])]))
  }
  const json = new TextEncoder().encode(JSON.stringify({ message: detach(message, []), attachments }))
  return assemble(json, views)
}

const assemble = (json: Uint8Array, views: ArrayBufferView[]): Uint8Array<ArrayBuffer> => {
  const start = padded(4 + json.length)
  const frame = new Uint8Array(views.reduce((size, view) => size + padded(view.byteLength), start))
  new DataView(frame.buffer).setUint32(0, json.length, true)
  frame.set(json, 4)
  let offset = start
  for (const view of views) {
    frame.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), offset)
    offset += padded(view.byteLength)
  }
  return frame
}

/** The message of a frame; its typed arrays have buffers of their own. Throws where the frame is malformed. */
export const decodeFrame = (frame: Uint8Array): Message => {
  const jsonLength = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0, true)
  if (4 + jsonLength > frame.length) throw new Error('malformed frame: it ends within its header')
  const text = new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(4, 4 + jsonLength))
  const head = JSON.parse(text) as { message: unknown; attachments: Attachment[] }
  let offset = padded(4 + jsonLength)
  for (const { path, type, length } of head.attachments) {
    attach(head, ['message', ...path], materialise(type, frame, offset, length))
    offset += padded(length)
  }
  if (!isMessage(head.message)) throw new Error('malformed frame: it holds no message')
  return head.message
}

const materialise = (type: string, frame: Uint8Array, offset: number, length: number): unknown => {
  if (type === 'NaN' || type === 'Infinity' || type === '-Infinity') return Number(type)
  if (!Object.hasOwn(typedArrays, type)) throw new Error(`malformed frame: unknown array type ${type}`)
  if (!Number.isInteger(length) || length < 0 || offset + length > frame.length)
    throw new Error('malformed frame: it ends within an array')
  return new typedArrays[type as TypedArrayName](frame.slice(offset, offset + length).buffer as ArrayBuffer)
}

/** Only own properties are followed: a path may come from anybody. */
const attach = (root: object, path: (string | number)[], value: unknown): void => {
  let holder = root as Record<string | number, unknown>
  for (const [i, key] of path.entries()) {
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, key))
      throw new Error('malformed frame: an array belongs nowhere')
    if (i === path.length - 1) holder[key] = value
    else holder = holder[key] as Record<string | number, unknown>
  }
}
