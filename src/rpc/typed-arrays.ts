/** The typed arrays that cross a port, by the name they travel under. */
export const typedArrays = {
  Float32Array,
  Float64Array,
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Uint8ClampedArray,
  BigInt64Array,
  BigUint64Array,
}
export type TypedArrayName = keyof typeof typedArrays

/** Node's Buffer travels as the Uint8Array it is. */
export const typedArrayName = (view: ArrayBufferView): TypedArrayName => {
  const name = (Object.keys(typedArrays) as TypedArrayName[]).find((key) => view instanceof typedArrays[key])
  if (!name) throw new Error('only typed arrays can be sent')
  return name
}
