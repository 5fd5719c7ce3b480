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

const [steps, width, heads, each] = [5, 32, 2, 16]

interface Layer {
  attributes?: Record<string, number>
  more?: string[]
  /** steps that keys and values of the past are for */
  past?: number
  /** cosines and sines of positions */
  rotary?: boolean
}

/** x + GroupQueryAttention of x: two heads of queries, which share their keys and values. */
const layer = ({ attributes = {}, more = [], past = 0, rotary = false }: Layer = {}) => {
  const weight = (name: string, columns: number, seed: number) =>
    floats(name, [width, columns], noise(width * columns, seed))
  const project = (name: string) => node('MatMul', ['x', `w.${name}`], [name])
  const pasts = past > 0 ? ['past.key', 'past.value'] : ['', '']
  return model({
    nodes: [
      ...['query', 'key', 'value'].map(project),
      node(
        'GroupQueryAttention',
        ['query', 'key', 'value', ...pasts, 'lengths', 'total', ...(rotary ? ['cos', 'sin'] : [])],
        ['attended', 'present.key', 'present.value', ...more],
        { num_heads: heads, kv_num_heads: 1, ...(rotary && { do_rotary: 1 }), ...attributes },
        'com.microsoft',
      ),
      node('MatMul', ['attended', 'w.out'], ['projected']),
      node('Add', ['x', 'projected'], ['y']),
    ],
    initializers: [
      weight('w.query', width, 1),
      weight('w.key', each, 2),
      weight('w.value', each, 3),
      weight('w.out', width, 4),
      floats('cos', [16, each / 2], turns(Math.cos)),
      floats('sin', [16, each / 2], turns(Math.sin)),
    ],
    inputs: [
      value('x', 1, [1, steps, width]),
      ...(past > 0 ? pasts.map((name) => value(name, 1, [1, 1, past, each])) : []),
      value('lengths', 6, [1]),
      value('total', 6, []),
    ],
    outputs: ['y'],
  })
}

/** [position, pair of dimensions] */
const turns = (f: (x: number) => number): Float32Array =>
  Float32Array.from({ length: 16 * (each / 2) }, (_, i) => f(Math.floor(i / (each / 2)) / 3 ** (i % (each / 2))))

/** A vector of a head turned to a position: its first half with its second (Su et al. 2021, RoFormer). */
const turned = (vector: number[], position: number): number[] =>
  vector.map((x, i) => {
    const pair = i % (each / 2)
    const at = position * (each / 2) + pair
    const other = vector[(i + each / 2) % each]!
    return x * turns(Math.cos)[at]! + (i < each / 2 ? -other : other) * turns(Math.sin)[at]!
  })

test.each<[string, Layer]>([
  ['alone', {}],
  ['with keys and values of the past', { past: 3 }],
  ['with rotary positions', { rotary: true }],
  ['with both', { past: 3, rotary: true }],
])(
  'GroupQueryAttention gives its weights where they are asked for, and they are those of its queries and shared keys: %s',
  async (name, form) => {
    const { past = 0, rotary = false } = form
    const bytes = layer(form)
    writeFileSync(join(folder, `${name}.onnx`), bytes)
    const source = sourceOf(bytes)
    const graph = openFused(readGraph(source))
    expect(stillFused(graph)).toBeUndefined()
    const sites = findSites(reading(graph, source))
    expect(sites).toMatchObject([{ kind: 'self', heads, hidden: 'x', joined: 'y', added: true }])
    const outputs = [sites[0]!.weights, 'query', 'key']
    const path = join(folder, `asked ${name}.onnx`)
    writeFileSync(path, skeleton(graph, source, { outputs, weightsFile: () => `${name}.onnx` }))
    const kept = (seed: number) => tensor([1, 1, past, each], noise(past * each, seed))
    const all = past + steps
    const results = await runFile(path, {
      x: tensor([1, steps, width], noise(steps * width, 9)),
      ...(past > 0 && { 'past.key': kept(5), 'past.value': kept(6) }),
      lengths: new Tensor('int32', Int32Array.of(all - 1), [1]),
      total: new Tensor('int32', Int32Array.of(all), []),
    })
    const [weights, query, key] = outputs.map((output) => Array.from(results.get(output)!.data as Float32Array))
    expect(weights).toHaveLength(heads * steps * all)
    const at = (vector: number[], position: number) => (rotary ? turned(vector, position) : vector)
    const old = Array.from(noise(past * each, 5))
    // keys of the past are kept as they were turned then
    const keys = Array.from({ length: all }, (_, k) =>
      k < past ? old.slice(k * each, (k + 1) * each) : at(key!.slice((k - past) * each, (k - past + 1) * each), k),
    )
    for (let head = 0; head < heads; head++)
      for (let row = 0; row < steps; row++) {
        const from = row * width + head * each
        const asks = at(query!.slice(from, from + each), past + row)
        const scores = keys
          .slice(0, past + row + 1)
          .map((one) => Math.exp(one.reduce((sum, x, i) => sum + x * asks[i]!, 0) / Math.sqrt(each)))
        const sum = scores.reduce((a, b) => a + b, 0)
        for (let k = 0; k < all; k++)
          expect(weights![(head * steps + row) * all + k]).toBeCloseTo((scores[k] ?? 0) / sum, 5)
      }
  },
)

test('one that gives its scores in place of its weights stays closed', () => {
  const graph = openFused(readGraph(sourceOf(layer({ attributes: { qk_output: 1 }, more: ['scores'] }))))
  expect(stillFused(graph)).toMatchObject({ node: { opType: 'GroupQueryAttention' }, why: 'hides its weights' })
})
