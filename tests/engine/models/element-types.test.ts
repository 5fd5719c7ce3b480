import { expect, test } from 'vitest'
import { elementTypes } from '../../../src/engine/models/element-types.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { dataTypeName } from '../../../src/formats/onnx/read-tensor.ts'
import { floats, integers, model, node, sourceOf, value } from '../../formats/onnx/build-model.ts'

const typesOf = (nodes: Uint8Array[], initializers: Uint8Array[] = []): Record<string, string> => {
  const inputs = [value('x', 1, [1, 4]), value('half', 10, [1, 4]), value('ids', 7, [1, 4])]
  const graph = readGraph(sourceOf(model({ nodes, initializers, inputs, outputs: [] })))
  return Object.fromEntries([...elementTypes(graph)].map(([name, type]) => [name, dataTypeName(type)]))
}

test('types follow casts, and otherwise what a node is given first', () => {
  const types = typesOf([
    node('MatMul', ['half', 'half'], ['product']),
    node('LayerNormalization', ['product', 'product'], ['normed']),
    node('Cast', ['normed'], ['single'], { to: 1 }),
    node('Gather', ['half', 'ids'], ['embedded']),
    node('Shape', ['half'], ['shape']),
    node('ConstantOfShape', ['shape'], ['filled']),
    node('Equal', ['x', 'single'], ['same']),
    node('Where', ['same', 'half', 'half'], ['chosen']),
  ])
  expect(types).toMatchObject({ product: 'float16', normed: 'float16', single: 'float32', embedded: 'float16' })
  expect(types).toMatchObject({ shape: 'int64', filled: 'float32', same: 'bool', chosen: 'float16' })
})

test('types follow quantisation and back', () => {
  const types = typesOf([
    node('DynamicQuantizeLinear', ['x'], ['whole', 'scale', 'zero']),
    node('MatMulInteger', ['whole', 'whole', 'zero', 'zero'], ['sum']),
    node('Cast', ['sum'], ['float'], { to: 1 }),
    node('QuantizeLinear', ['float', 'scale'], ['again']),
    node('DequantizeLinear', ['again', 'scale'], ['back']),
    node('MatMulIntegerToFloat', ['whole', 'whole', 'scale', 'scale'], ['direct']),
  ])
  expect(types).toMatchObject({ whole: 'uint8', scale: 'float32', zero: 'uint8', sum: 'int32', float: 'float32' })
  expect(types).toMatchObject({ again: 'uint8', back: 'float32', direct: 'float32' })
})

test('constants have the type they are written in, and what nobody knows has none', () => {
  const types = typesOf(
    [
      node('Constant', [], ['one'], { value_int: 1 }),
      node('Constant', [], ['tensor'], { value: { tensor: floats('', [1], [1]) } }),
      node('Mystery', [''], ['unknown']),
    ],
    [integers('shape', [1], [1])],
  )
  expect(types).toEqual({
    ...{ x: 'float32', half: 'float16', ids: 'int64' },
    ...{ shape: 'int64', one: 'int64', tensor: 'float32' },
  })
})
