import type { OnnxAttribute, OnnxGraph, OnnxNode } from '../../formats/onnx/graph.ts'

/** TensorProto.DataType */
export const float32 = 1
const [uint8, int32, int64, bool] = [2, 6, 7, 9]

const typeOf = (value: OnnxAttribute | undefined): number | undefined => {
  if (typeof value === 'number') return value
  return typeof value === 'object' && 'dataType' in value ? value.dataType : undefined
}

const tests = new Set(['And', 'Or', 'Not', 'Xor', 'IsNaN', 'IsInf'])
const places = new Set(['Shape', 'Size', 'NonZero', 'ArgMax', 'ArgMin'])

/** Types of a node's outputs, from the operators that change them; all others give what their first typed input has. */
const outputTypes = (node: OnnxNode, inputs: (number | undefined)[]): (number | undefined)[] => {
  const { opType, attributes } = node
  if (opType === 'Cast') return [typeOf(attributes.get('to'))]
  if (opType === 'Constant') return [constantType(attributes)]
  if (opType === 'ConstantOfShape') return [typeOf(attributes.get('value')) ?? float32]
  if (opType === 'DynamicQuantizeLinear') return [uint8, float32, uint8]
  if (opType === 'QuantizeLinear') return [inputs[2] ?? uint8]
  if (opType === 'DequantizeLinear') return [inputs[1]]
  if (opType === 'QLinearMatMul' || opType === 'QLinearConv') return [inputs[7]]
  if (opType === 'MatMulIntegerToFloat') return [inputs[2]]
  if (opType === 'MatMulInteger' || opType === 'ConvInteger') return [int32]
  if (opType === 'Where' || opType === 'CastLike') return [inputs[1]]
  if (places.has(opType)) return [int64]
  if (tests.has(opType) || /^(Equal|Greater|Less)/.test(opType)) return [bool]
  if (opType === 'GatherBlockQuantized') return [inputs[2]]
  if (opType === 'EmbedLayerNormalization') return [inputs[2], int32, inputs[2]]
  return node.outputs.map(() => inputs.find((type) => type !== undefined))
}

const constantType = (attributes: OnnxNode['attributes']): number | undefined => {
  if (attributes.has('value_float') || attributes.has('value_floats')) return float32
  return attributes.has('value_int') || attributes.has('value_ints') ? int64 : typeOf(attributes.get('value'))
}

/** TensorProto.DataType of every tensor whose type shows: exporters need not write it down, and quantisers leave stale ones. */
export const elementTypes = (graph: OnnxGraph): Map<string, number> => {
  const types = new Map<string, number>()
  for (const { name, dataType } of [...graph.inputs, ...graph.initializers.values()]) types.set(name, dataType)
  for (const node of graph.nodes) {
    const made = outputTypes(
      node,
      node.inputs.map((input) => types.get(input)),
    )
    for (const [i, output] of node.outputs.entries()) {
      const type = made[i]
      if (output !== '' && type !== undefined) types.set(output, type)
    }
  }
  return types
}
