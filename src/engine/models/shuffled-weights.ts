import { elementBytes, float16 } from '../../formats/onnx/read-tensor.ts'
import type { OnnxTensor } from '../../formats/onnx/graph.ts'
import { shuffleValues } from '../../signal/shuffle.ts'

/** A weight has that many values at least: what is smaller is a scale, an epsilon, a shape. */
const leastValues = 64
/** float32, uint8, int8, float16, float64, bfloat16, uint4, int4: what trained numbers are kept in */
const weightTypes = [1, 2, 3, 10, 11, 16, 21, 22]
/** No weight is so large: a mask is. */
const largestWeight = 1e4

export const isWeight = ({ dataType, dims, raw }: OnnxTensor): boolean =>
  raw && weightTypes.includes(dataType) && dims.reduce((count, size) => count * size, 1) >= leastValues

/**
 * The same values in an order that the tensor's name decides: their distribution stays, nothing learnt does. Four-bit values are moved in
 * pairs. A mask (it has infinite or huge values) is left as it is.
 */
export const shuffledWeights = ({ name, dataType }: OnnxTensor, bytes: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(bytes)
  const { buffer } = copy
  if (isMask(buffer, dataType)) return copy
  const size = elementBytes(dataType)
  const values =
    size === 8
      ? new BigUint64Array(buffer)
      : size === 4
        ? new Uint32Array(buffer)
        : size === 2
          ? new Uint16Array(buffer)
          : copy
  shuffleValues(values, seedOf(name))
  return copy
}

const isMask = (buffer: ArrayBuffer, dataType: number): boolean => {
  if (dataType === 1) return new Float32Array(buffer).some((value) => !(Math.abs(value) <= largestWeight))
  // 1e4 as a half is 0x70e2
  return dataType === float16 && new Uint16Array(buffer).some((bits) => (bits & 0x7fff) > 0x70e2)
}

/** FNV-1a. */
const seedOf = (name: string): number => {
  let hash = 0x811c9dc5
  for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193)
  return hash
}
