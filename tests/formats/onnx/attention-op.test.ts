import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../../src/engine/paths.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../src/formats/onnx/skeleton.ts'
import { sourceOf } from './build-model.ts'

const path = join(root, 'tests/golden/models/ast-dynamo-23/onnx/model.onnx')
const source = sourceOf(readFileSync(path))
const graph = readGraph(source)
const attention = graph.nodes.filter((node) => node.opType === 'Attention')
const made = (outputs: string[]) =>
  readGraph(sourceOf(skeleton(graph, source, { outputs, weightsFile: () => 'model.onnx' })))
    .nodes.filter((node) => node.opType === 'Attention')
    .map(({ outputs, attributes }) => [outputs.length, attributes.get('qk_matmul_output_mode')])

test('an Attention operator gives its weights where they are asked for, and computes none else', () => {
  expect(attention).toHaveLength(2)
  expect(attention.map(({ outputs }) => outputs.length)).toEqual([1, 1])
  expect(made([])).toEqual([
    [1, 0],
    [1, 0],
  ])
  expect(made([attention[1]!.weights!])).toEqual([
    [1, 0],
    [4, 3],
  ])
})

test('weights that it gives already keep their name', () => {
  const asked = skeleton(graph, source, { outputs: [attention[0]!.weights!], weightsFile: () => 'model.onnx' })
  const [first] = readGraph(sourceOf(asked)).nodes.filter((node) => node.opType === 'Attention')
  expect(first!.weights).toBe(attention[0]!.weights)
  expect(first!.outputs.at(-1)).toBe(attention[0]!.weights)
})
