import { concat } from '../../../formats/concat.ts'
import { bytesField, floatField, integerField, textField } from '../../../formats/onnx/encode.ts'
import type { OnnxNode } from '../../../formats/onnx/graph.ts'
import { float16 } from '../../../formats/onnx/read-tensor.ts'

/** Writes the plain nodes that a fused node stands for, in operators and forms of them that every opset from 11 on has. */
export interface Parts {
  nodes: OnnxNode[]
  /** Adds a node and answers its output, which is called `output` or something new. */
  add(opType: string, inputs: string[], attributes?: Attributes, output?: string): string
  /** a list of whole numbers, or one */
  integers(values: number | number[]): string
  /** in the type the fused node computes in */
  float(value: number): string
  /** TensorProto.DataType of that */
  type: number
}

/** Whole numbers but for `epsilon`. */
type Attributes = Record<string, number | number[]>

const [float32, int64] = [1, 7]

const attribute = ([name, value]: [string, number | number[]]): Uint8Array => {
  if (Array.isArray(value))
    return bytesField(5, textField(1, name), ...value.map((v) => integerField(8, v)), integerField(20, 7))
  const content =
    name === 'epsilon' ? [floatField(2, value), integerField(20, 1)] : [integerField(3, value), integerField(20, 2)]
  return bytesField(5, textField(1, name), ...content)
}

const constant = (dataType: number, dims: number[], values: Float32Array | BigInt64Array): Uint8Array => {
  const raw = new Uint8Array(values.buffer)
  const tensor = concat([...dims.map((size) => integerField(1, size)), integerField(2, dataType), bytesField(9, raw)])
  return bytesField(5, textField(1, 'value'), bytesField(5, tensor), integerField(20, 4))
}

/** `type` is what the fused node computes in. */
export const partsOf = (fused: OnnxNode, type: number): Parts => {
  const nodes: OnnxNode[] = []
  const add = (
    opType: string,
    inputs: string[],
    attributes: OnnxNode['attributes'],
    written: Uint8Array[],
    output?: string,
  ) => {
    const made = output ?? `${fused.outputs[0]}#${nodes.length}`
    const names = [...inputs.map((name) => textField(1, name)), textField(2, made), textField(4, opType)]
    const part = { bytes: concat([...names, ...written]), of: fused }
    nodes.push({ name: '', opType, domain: '', inputs, outputs: [made], attributes, span: fused.span, part })
    return made
  }
  const known = (name: string, values: number[], written: Uint8Array) =>
    add('Constant', [], new Map([[name, values]]), [written])
  return {
    nodes,
    type,
    add: (opType, inputs, attributes = {}, output) =>
      add(opType, inputs, new Map(Object.entries(attributes)), Object.entries(attributes).map(attribute), output),
    integers: (values) => {
      const list = [values].flat()
      const dims = Array.isArray(values) ? [list.length] : []
      return known('value_ints', list, constant(int64, dims, BigInt64Array.from(list, BigInt)))
    },
    float: (value) => {
      const made = known('value', [value], constant(float32, [], Float32Array.of(value)))
      return type === float16 ? add('Cast', [made], new Map([['to', type]]), [attribute(['to', type])]) : made
    },
  }
}
