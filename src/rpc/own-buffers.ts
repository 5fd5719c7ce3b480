import { typedArrayName, typedArrays } from './typed-arrays.ts'

/**
 * The same value with every typed array in a buffer of its own: posting a view would clone the whole buffer behind it.
 * Plain objects and arrays are walked; what needs no copy is shared.
 */
export const ownBuffers = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return isWhole(value) ? value : copy(value)
  if (Array.isArray(value)) return value.map(ownBuffers)
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, ownBuffers(part)]))
}

/** Only plain objects are walked: anything else is left to the port, which refuses what it cannot carry. */
export const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)

const isWhole = (view: ArrayBufferView): boolean => view.byteLength === view.buffer.byteLength

const copy = (view: ArrayBufferView): ArrayBufferView => {
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)
  return new typedArrays[typedArrayName(view)](bytes as ArrayBuffer)
}
