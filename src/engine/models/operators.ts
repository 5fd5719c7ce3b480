import type { OnnxNode } from '../../formats/onnx/graph.ts'

/**
 * What operators do to the numbers they are given, as ONNX and its com.microsoft domain define them: how a quantised or
 * half-precision graph is read as the float32 graph it was made from.
 */

const recoding = new Set([
  'Cast',
  'CastLike',
  'Identity',
  'Dropout',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
])

/** The first output holds the values of the first input, in another type or scale at most. */
export const recodes = ({ opType }: OnnxNode): boolean => recoding.has(opType)

/** The two factors of a matrix product, whatever its weights are kept in; undefined for any other operator. */
export const factors = ({ opType, inputs }: OnnxNode): [left: string, right: string] | undefined => {
  if (!/MatMul|Gemm/.test(opType)) return undefined
  // QLinearMatMul and QGemm: the scale and zero point of each factor follow it
  return [inputs[0] ?? '', inputs[opType.startsWith('Q') ? 3 : 1] ?? '']
}

/** Inputs that are scales, zero points, block maxima and the like: how values are written, not values. */
const settings = new Map<string, number[]>([
  ['QuantizeLinear', [1, 2]],
  ['DequantizeLinear', [1, 2]],
  ['MatMulInteger', [2, 3]],
  ['ConvInteger', [2, 3]],
  ['QLinearMatMul', [1, 2, 4, 5, 6, 7]],
  ['QLinearConv', [1, 2, 4, 5, 6, 7]],
  ['QGemm', [1, 2, 4, 5, 7, 8]],
  ['DynamicQuantizeMatMul', [2, 3]],
  ['MatMulIntegerToFloat', [2, 3, 4, 5]],
  ['MatMulNBits', [2, 3, 4]],
  ['MatMulBnb4', [2]],
  ['GatherBlockQuantized', [2, 3]],
])

export const isSetting = ({ opType }: OnnxNode, input: number): boolean =>
  settings.get(opType)?.includes(input) ?? false

/** Rows and columns of a weight that is packed into blocks, [K, N]; undefined where the operator packs nothing. */
export const packedShape = ({ opType, attributes }: OnnxNode): [number, number] | undefined => {
  if (opType !== 'MatMulNBits' && opType !== 'MatMulBnb4') return undefined
  return [Number(attributes.get('K')), Number(attributes.get('N'))]
}
