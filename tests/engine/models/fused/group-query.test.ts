import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { afterAll, expect, test } from 'vitest'
import { openFused, stillFused } from '../../../../src/engine/models/fused/open-fused.ts'
import { findSites, reading } from '../../../../src/engine/models/sites.ts'
import { readGraph } from '../../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../../src/formats/onnx/skeleton.ts'
import { floats, model, node, noise, runFile, sourceOf, tensor, value } from '../../../formats/onnx/build-model.ts'
import { temporary } from '../make-folder.ts'

const folder = temporary()
afterAll(() => rmSync(folder, { recursive: true }))

const [steps, width, heads, each] = [5, 16, 2, 8]

/** x + GroupQueryAttention of x: two heads of queries, which share their keys and values. */
const layer = (attributes: Record<string, number> = {}, more: string[] = []) => {
  const weight = (name: string, columns: number, seed: number) =>
    floats(name, [width, columns], noise(width * columns, seed))
  const project = (name: string) => node('MatMul', ['x', `w.${name}`], [name])
  return model({
    nodes: [
      ...['query', 'key', 'value'].map(project),
      node(
        'GroupQueryAttention',
        ['query', 'key', 'value', '', '', 'lengths', 'total'],
        ['attended', 'present.key', 'present.value', ...more],
        { num_heads: heads, kv_num_heads: 1, ...attributes },
        'com.microsoft',
      ),
      node('MatMul', ['attended', 'w.out'], ['projected']),
      node('Add', ['x', 'projected'], ['y']),
    ],
    initializers: [
      weight('w.query', 16, 1),
      weight('w.key', each, 2),
      weight('w.value', each, 3),
      weight('w.out', 16, 4),
    ],
    inputs: [value('x', 1, [1, steps, width]), value('lengths', 6, [1]), value('total', 6, [])],
    outputs: ['y'],
  })
}

test('GroupQueryAttention gives its weights where they are asked for, and they are those of its queries and shared keys', async () => {
  const bytes = layer()
  writeFileSync(join(folder, 'stock.onnx'), bytes)
  const source = sourceOf(bytes)
  const graph = openFused(readGraph(source))
  expect(stillFused(graph)).toBeUndefined()
  const sites = findSites(reading(graph, source))
  expect(sites).toMatchObject([{ kind: 'self', heads, hidden: 'x', joined: 'y', added: true }])
  const outputs = [sites[0]!.weights, 'query', 'key']
  const path = join(folder, 'asked.onnx')
  writeFileSync(path, skeleton(graph, source, { outputs, weightsFile: () => 'stock.onnx' }))
  const results = await runFile(path, {
    x: tensor([1, steps, width], noise(steps * width, 9)),
    lengths: new Tensor('int32', Int32Array.of(steps - 1), [1]),
    total: new Tensor('int32', Int32Array.of(steps), []),
  })
  const [weights, query, key] = outputs.map((name) => results.get(name)!.data) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  expect(weights).toHaveLength(heads * steps * steps)
  for (let head = 0; head < heads; head++)
    for (let row = 0; row < steps; row++) {
      const scores = Array.from({ length: row + 1 }, (_, k) => {
        const products = Array.from(
          { length: each },
          (_, i) => query[row * width + head * each + i]! * key[k * each + i]!,
        )
        return Math.exp(products.reduce((a, b) => a + b, 0) / Math.sqrt(each))
      })
      const sum = scores.reduce((a, b) => a + b, 0)
      for (let k = 0; k < steps; k++)
        expect(weights[(head * steps + row) * steps + k]).toBeCloseTo((scores[k] ?? 0) / sum, 5)
    }
})

test('one that gives its scores in place of its weights stays closed', () => {
  const graph = openFused(readGraph(sourceOf(layer({ qk_output: 1 }, ['scores']))))
  expect(stillFused(graph)).toMatchObject({ node: { opType: 'GroupQueryAttention' }, why: 'hides its weights' })
})
