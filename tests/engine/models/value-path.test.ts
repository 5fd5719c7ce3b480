import { expect, test } from 'vitest'
import { loadValues } from '../../../src/engine/inference/value-site.ts'
import type { ModelGraph } from '../../../src/engine/models/model.ts'
import { findSites, reading } from '../../../src/engine/models/sites.ts'
import { valuePath } from '../../../src/engine/models/value-path.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { sourceOf } from '../../formats/onnx/build-model.ts'
import { attentionModel, type Form } from './attention-model.ts'

/** Values and output projection by what nodes do; that they add up is tested on every export variant (query-golden.test.ts). */

const search = (form: Form) => {
  const source = sourceOf(attentionModel(form).bytes)
  const from = reading(readGraph(source), source)
  const graph = { graph: from.graph, types: from.types } as ModelGraph
  return { graph, sites: findSites(from) }
}
const form = { layers: 2, norm: 'post', scores: 'sdpa', layerNorm: 'one' } as const

test.for([
  ['plain', {}],
  ['batch and heads as one axis', { scores: 'bmm' }],
  ['products of whole numbers', { products: 'whole' }],
  ['products of halves', { products: 'half' }],
] as const)('each site has its own values and projection: %s', ([, changes]) => {
  const { graph, sites } = search({ ...form, ...changes })
  const paths = sites.map((site) => valuePath(graph, site)!)
  expect(new Set(paths.flatMap(({ values, input, output }) => [values, input, output])).size).toBe(6)
  for (const { input, output } of paths) {
    // real numbers on both sides, whatever the product itself is made of
    for (const name of [input, output]) expect(graph.types.get(name) ?? 1).toBeOneOf([1, 10])
    expect(graph.graph.producers.has(output)).toBe(true)
  }
})

test('where no projection shows, the layer is refused with what still works', async () => {
  const { graph, sites } = search(form)
  // a weight that is no constant is no projection
  const bare = { ...graph, graph: { ...graph.graph, initializers: new Map() } }
  const [site] = sites
  expect(valuePath(bare, site!)).toBeUndefined()
  const found = { model: { card: { id: 'some-model' } }, graph: bare, site: site!, feed: () => ({}) }
  await expect(loadValues(found as never, {} as never)).rejects.toThrow(
    /layer 0 of some-model cannot be weighed by its values: .*; raw weights and rollout can be shown/,
  )
})
