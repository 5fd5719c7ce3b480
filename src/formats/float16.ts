/**
 * IEEE 754 half precision as its 16 bits: Node 22 has no Float16Array, and where there is one it looks at the same bits. One sign bit,
 * five of exponent (bias 15), ten of fraction.
 */

const numberOf = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

let numbers: Float32Array | undefined

/** Exact: every half is a float32. */
export const fromFloat16 = (halves: Uint16Array): Float32Array => {
  const table = (numbers ??= Float32Array.from({ length: 65536 }, (_, bits) => numberOf(bits)))
  const values = new Float32Array(halves.length)
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i]!]!
  return values
}

/** The nearest half, ties to even; beyond 65504 infinite. */
export const toFloat16 = (values: Float32Array): Uint16Array => {
  const floats = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) halves[i] = halfOf(floats[i]!)
  return halves
}

/** From the bits of a float32: eight of exponent (bias 127), 23 of fraction. */
const halfOf = (float: number): number => {
  const sign = (float >>> 16) & 0x8000
  const exponent = ((float >>> 23) & 0xff) - 112
  const fraction = float & 0x7fffff
  if (exponent === 143) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200)
  if (exponent >= 31) return sign | 0x7c00
  if (exponent < -10) return sign
  // below 2^-14 the leading one is written out and shifted; a rounding carry runs into the exponent, as it should
  const [whole, drop] = exponent > 0 ? [(exponent << 23) | fraction, 13] : [fraction | 0x800000, 14 - exponent]
  const half = whole >>> drop
  const rest = whole & ((1 << drop) - 1)
  const middle = 1 << (drop - 1)
  return sign | (half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0))
}
