import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TypedTensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { hiddenStates } from '../../../src/engine/models/hidden-states.ts'
import { findSites, reading } from '../../../src/engine/models/sites.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../src/formats/onnx/skeleton.ts'
import { model, node, noise, runFile, sourceOf, tensor, value } from '../../formats/onnx/build-model.ts'
import { attentionModel, heads, width, type Form } from './attention-model.ts'
import { softmaxOfScores } from './recompute.ts'

const search = (bytes: Uint8Array) => {
  const source = sourceOf(bytes)
  const from = reading(readGraph(source), source)
  return { from, source, sites: findSites(from) }
}

const forms: Form[] = (['pre', 'post'] as const).flatMap((norm) =>
  (['sdpa', 'eager', 'bmm', 'runtime'] as const).flatMap((scores) =>
    (['one', 'decomposed'] as const).map((layerNorm) => ({ layers: 2, norm, scores, layerNorm })),
  ),
)
const named = (form: Form) => Object.values(form).join(' ')

test.each(forms.map((form) => [named(form), form] as const))('finds every site and state: %s', (_, form) => {
  const known = attentionModel(form)
  const { from, sites } = search(known.bytes)
  expect(sites.map(({ kind, weights, hidden }) => ({ kind, weights, hidden }))).toEqual(known.sites)
  expect(sites.map((site) => [site.layer, site.heads, site.rank])).toEqual([
    [0, heads, form.scores === 'bmm' ? 3 : 4],
    [1, heads, form.scores === 'bmm' ? 3 : 4],
  ])
  expect(sites.map((site) => site.added)).toEqual([false, false])
  expect(sites[0]?.scale).toBeCloseTo(form.scores === 'eager' ? 0.5 : 1, 6)
  const after = hiddenStates(from, sites, 'after-norm')
  expect(after).toEqual({ hidden: [...known.states.slice(0, -1), known.top], top: known.top })
  if (form.norm === 'pre') expect(hiddenStates(from, sites, 'before-norm').hidden).toEqual(known.states)
})

test.each(forms.map((form) => [named(form), form] as const))('query and key give the weights: %s', async (_, form) => {
  const { bytes } = attentionModel(form)
  const { from, source, sites } = search(bytes)
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-sites-'))
  try {
    writeFileSync(join(folder, 'stock.onnx'), bytes)
    const outputs = sites.flatMap((site) => [site.weights, site.query, site.key])
    const made = skeleton(from.graph, source, { outputs, weightsFile: () => 'stock.onnx' })
    writeFileSync(join(folder, 'skeleton.onnx'), made)
    const results = await runFile(join(folder, 'skeleton.onnx'), { x: tensor([1, 5, width], noise(5 * width, 9)) })
    const of = (name: string): TypedTensor<'float32'> => results.get(name)!
    for (const site of sites) {
      const recomputed = softmaxOfScores(of(site.query), of(site.key), site)
      of(site.weights).data.forEach((weight, i) => expect(recomputed[i]).toBeCloseTo(weight, 5))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const otherwise: Form[] = (['whole', 'half'] as const).flatMap((products) =>
  (['sdpa', 'eager', 'bmm'] as const).flatMap((scores) =>
    (['pre', 'post'] as const).map((norm) => ({
      layers: 2,
      norm,
      scores,
      layerNorm: 'decomposed',
      products,
      cross: true,
    })),
  ),
)

test.each(otherwise.map((form) => [named(form), form] as const))(
  'sees through how products are computed: %s',
  (_, form) => {
    const known = attentionModel(form)
    const { from, sites } = search(known.bytes)
    expect(sites.map(({ kind, weights, hidden }) => ({ kind, weights, hidden }))).toEqual(known.sites)
    // of whole numbers the kernel could not make the same scores again
    expect(sites.every((site) => site.added === (form.products === 'whole'))).toBe(true)
    expect(hiddenStates(from, sites, 'after-norm').top).toBe(known.top)
  },
)

test('a state that is cast for its residual addition is the state itself', () => {
  const form: Form = { layers: 2, norm: 'pre', scores: 'sdpa', layerNorm: 'one', sums: 'half' }
  const known = attentionModel(form)
  const { from, sites } = search(known.bytes)
  expect(sites.map(({ kind, weights }) => [kind, weights])).toEqual(known.sites.map(({ weights }) => ['self', weights]))
  const { hidden, top } = hiddenStates(from, sites, 'before-norm')
  // but for the first, the sums before their casts
  expect(hidden.map((name) => from.graph.producers.get(name)?.opType)).toEqual(['Add', 'Add', 'Add'])
  expect(hidden.slice(1).map((name) => from.graph.consumers.get(name)?.[0]?.outputs[0])).toEqual(known.states.slice(1))
  expect(top).toBe(known.top)
})

test('tells self from cross-attention, and counts their layers apart', () => {
  const known = attentionModel({ layers: 2, norm: 'pre', scores: 'sdpa', layerNorm: 'one', cross: true })
  const { from, sites } = search(known.bytes)
  expect(sites.map(({ kind, layer }) => `${kind} ${layer}`)).toEqual(['self 0', 'cross 0', 'self 1', 'cross 1'])
  expect(sites.map((site) => site.hidden)).toEqual(known.sites.map((site) => site.hidden))
  expect(hiddenStates(from, sites, 'before-norm').hidden).toEqual(known.states)
})

test.each(['pre', 'post'] as const)(
  'a graph of one input attends to itself, also where its first keys are made beside the state: %s-norm',
  (norm) => {
    const known = attentionModel({ layers: 2, norm, scores: 'sdpa', layerNorm: 'one', beside: true })
    const { sites } = search(known.bytes)
    expect(sites.map(({ kind, weights, hidden }) => ({ kind, weights, hidden }))).toEqual(known.sites)
  },
)

test('a mask between score and softmax is seen, in self-attention alone', () => {
  const form: Form = { layers: 1, norm: 'pre', scores: 'eager', layerNorm: 'one', cross: true, mask: true }
  const { sites } = search(attentionModel(form).bytes)
  expect(sites.map(({ kind, added }) => [kind, added])).toEqual([
    ['self', true],
    ['cross', false],
  ])
})

test('a softmax that is no attention is no site', () => {
  const nodes = [node('Softmax', ['x'], ['p']), node('MatMul', ['p', 'x'], ['q']), node('Softmax', ['q'], ['y'])]
  const bytes = model({ nodes, inputs: [value('x', 1, [4, 4])], outputs: ['y'] })
  expect(search(bytes).sites).toEqual([])
})
