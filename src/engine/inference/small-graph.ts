import { concat } from '../../formats/concat.ts'
import { bytesField, integerField, textField } from '../../formats/onnx/encode.ts'

export interface SmallNode {
  operation: string
  inputs: string[]
  output: string
  /** integers only */
  attributes?: Record<string, number>
}

/** A graph of a few nodes over float32 matrices of any size; opset 13, IR 8. */
export const smallGraph = (nodes: SmallNode[], inputs: string[], output: string): Uint8Array => {
  const graph = bytesField(
    7,
    ...nodes.map(nodeField),
    textField(2, 'graph'),
    ...inputs.map((name) => matrixField(11, name)),
    matrixField(12, output),
  )
  return concat([integerField(1, 8), graph, bytesField(8, textField(1, ''), integerField(2, 13))])
}

const matrixField = (field: number, name: string): Uint8Array => {
  const shape = bytesField(2, bytesField(1, textField(2, `${name}.0`)), bytesField(1, textField(2, `${name}.1`)))
  return bytesField(field, textField(1, name), bytesField(2, bytesField(1, integerField(1, 1), shape)))
}

const integerKind = 2

const nodeField = ({ operation, inputs, output, attributes = {} }: SmallNode): Uint8Array =>
  bytesField(
    1,
    ...inputs.map((name) => textField(1, name)),
    textField(2, output),
    textField(4, operation),
    ...Object.entries(attributes).map(([name, value]) =>
      bytesField(5, textField(1, name), integerField(3, value), integerField(20, integerKind)),
    ),
  )
