import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFileSource } from '../../../src/engine/models/file-source.ts'
import { readBranches } from '../../../src/formats/onnx/branches.ts'
import { feeds, readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { root } from '../../../src/engine/paths.ts'

const models = join(root, 'tests/golden/models')

const branchesOf = (name: string) => {
  using source = openFileSource(join(models, name))
  return readBranches(source, readGraph(source))
}

test('a merged decoder is the decoder with a cache and the one without', () => {
  const [cached, plain] = branchesOf('whisper-merged-17/onnx/decoder_model_merged.onnx')
  const inputs = (graph: typeof plain) => feeds(graph!).map(({ name }) => name)
  expect(inputs(plain)).toEqual(['input_ids', 'encoder_hidden_states'])
  expect(inputs(cached)[0]).toBe('input_ids')
  expect(
    inputs(cached)
      .slice(1)
      .every((name) => name.startsWith('past_key_values')),
  ).toBe(true)
  expect(cached!.outputs.map(({ name }) => name)).toEqual(plain!.outputs.map(({ name }) => name))
  // what the other branch alone weighs is left out
  for (const { nodes, initializers, consumers } of [plain!, cached!]) {
    expect(nodes.every(({ opType }) => opType !== 'If')).toBe(true)
    expect([...initializers.keys()].every((name) => consumers.has(name))).toBe(true)
  }
})

test('a graph without an If has none', () => {
  expect(branchesOf('whisper-sdpa-17/onnx/decoder_model.onnx')).toEqual([])
})
