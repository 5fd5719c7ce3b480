import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { afterAll, describe, expect, test } from 'vitest'
import { openFused, stillFused } from '../../../../src/engine/models/fused/open-fused.ts'
import type { OnnxGraph } from '../../../../src/formats/onnx/graph.ts'
import { readGraph } from '../../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../../src/formats/onnx/skeleton.ts'
import { model, node, noise, runFile, sourceOf, value, type Attribute } from '../../../formats/onnx/build-model.ts'
import { largestError } from '../../../golden/load.ts'
import { temporary } from '../make-folder.ts'
import { rowSums } from '../recompute.ts'

/** Each form of a fused node against onnxruntime's own: what its parts give is what it gives. */

const folder = temporary()
afterAll(() => rmSync(folder, { recursive: true }))

interface Form {
  op: string
  /** shape by input, in order; null where it is left out */
  inputs: (Tensor | number[] | null)[]
  attributes?: Record<string, Attribute>
  outputs?: string[]
  opset?: number
}

type Feeds = Record<string, Tensor>

const names = (form: Form) => form.inputs.map((input, i) => (input === null ? '' : `in${i}`))
const isTensor = (input: Tensor | number[]): input is Tensor => 'data' in input
const ints = (shape: number[], values: number[]): Tensor => new Tensor('int32', Int32Array.from(values), shape)

const bytesOf = ({ op, inputs, attributes = {}, outputs = ['out'], opset = 17 }: Form) => {
  const declared = inputs.flatMap((input, i) => {
    if (input === null) return []
    return isTensor(input) ? value(`in${i}`, 6, [...input.dims]) : value(`in${i}`, 1, input)
  })
  const nodes = [node(op, names({ op, inputs }), outputs, attributes, 'com.microsoft')]
  return model({ nodes, inputs: declared, outputs: outputs.filter((name) => name !== '' && name !== 'unused'), opset })
}

const feedsOf = (form: Form): Feeds =>
  Object.fromEntries(
    form.inputs.flatMap((input, i): [string, Tensor][] => {
      if (input === null) return []
      if (isTensor(input)) return [[`in${i}`, input]]
      const size = input.reduce((a, b) => a * b, 1)
      return [[`in${i}`, new Tensor('float32', noise(size, i + 3), input)]]
    }),
  )

const last = (graph: OnnxGraph, opType: string): string => graph.nodes.findLast((n) => n.opType === opType)!.outputs[0]!

const run = (bytes: Uint8Array, feeds: Feeds) => {
  const path = join(folder, 'model.onnx')
  writeFileSync(path, bytes)
  return runFile(path, feeds)
}

/** The node's parts in its place, because a tensor inside them is asked for: what the last of `opType` makes. */
const openedBytes = (form: Form, opType: string): { bytes: Uint8Array; asked: string } => {
  const source = sourceOf(bytesOf(form))
  const graph = openFused(readGraph(source))
  const asked = last(graph, opType)
  const bytes = skeleton(graph, source, { outputs: [asked], weightsFile: () => 'none' })
  expect(readGraph(sourceOf(bytes)).nodes.some((n) => n.domain !== '')).toBe(false)
  return { bytes, asked }
}

/** Outputs of the node itself and of its parts. */
const bothOf = async (form: Form, opType: string) => {
  const { bytes, asked } = openedBytes(form, opType)
  return { plain: await run(bytesOf(form), feedsOf(form)), parts: await run(bytes, feedsOf(form)), asked }
}

const past = [2, 2, 4, 4]
const forms: Record<string, Form> = {
  'projections of queries, keys and values, with a bias': {
    op: 'MultiHeadAttention',
    inputs: [[2, 3, 8], [2, 5, 8], [2, 5, 8], [24]],
  },
  'keys and values of the past alone': {
    op: 'MultiHeadAttention',
    inputs: [[2, 3, 8], [2, 2, 5, 4], [2, 2, 5, 4], [24]],
  },
  'the past before own keys, no key that comes later, and all handed on': {
    op: 'MultiHeadAttention',
    inputs: [[2, 3, 8], [2, 3, 8], [2, 3, 8], [24], null, null, past, past],
    attributes: { unidirectional: 1 },
    outputs: ['out', 'key', 'value'],
  },
  'a bias of scores and a scale of its own': {
    op: 'MultiHeadAttention',
    inputs: [[2, 3, 8], [2, 5, 8], [2, 5, 8], null, null, [1, 2, 3, 5]],
    attributes: { scale: { float: 0.3 } },
  },
  'keys that are padding': {
    op: 'MultiHeadAttention',
    inputs: [[2, 3, 8], [2, 5, 8], [2, 5, 8], null, ints([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0])],
  },
  'a packed weight': { op: 'Attention', inputs: [[2, 3, 8], [8, 24], [24]] },
  'a packed weight, a packed past, and no key that comes later': {
    op: 'Attention',
    inputs: [[2, 3, 8], [8, 24], [24], null, [2, ...past]],
    attributes: { unidirectional: 1 },
    outputs: ['out', 'present'],
  },
  'a packed weight, padding and a bias of scores': {
    op: 'Attention',
    inputs: [[2, 3, 8], [8, 24], [24], ints([2, 3], [1, 1, 1, 1, 1, 0]), null, [2, 1, 3, 3]],
    attributes: { mask_filter_value: { float: -3e38 } },
  },
}

describe.each([11, 23])('attention, opset %i', (opset) => {
  test.each(Object.entries(forms))('%s', async (_name, form) => {
    const whole = { ...form, opset, attributes: { num_heads: 2, ...form.attributes } }
    const { plain, parts, asked } = await bothOf(whole, 'Softmax')
    for (const [name, { data, dims }] of plain) {
      expect(parts.get(name)!.dims).toEqual(dims)
      expect(largestError(parts.get(name)!.data, data), name).toBeLessThan(1e-5)
    }
    const weights = parts.get(asked)!
    expect(weights.dims.slice(0, 3)).toEqual([2, 2, 3])
    for (const sum of rowSums(weights.data, weights.dims[3]!)) expect(sum).toBeCloseTo(1, 5)
  })
})

/** Every `count`th head's row of `data`, from the one at `i`: [batch, step, head, count, 4] → [batch, step, head · 4]. */
const unpacked = ({ data, dims }: Tensor, i: number): Tensor => {
  const count = dims[3]!
  const taken = Array.from(data as Float32Array).filter((_, at) => Math.floor(at / 4) % count === i)
  return new Tensor('float32', Float32Array.from(taken), [dims[0]!, dims[1]!, 8])
}

test('attention packed as no processor runs it is that of its parts', async () => {
  const attributes = { num_heads: 2 }
  const apart = {
    op: 'MultiHeadAttention',
    inputs: [
      [2, 3, 8],
      [2, 5, 8],
      [2, 5, 8],
    ],
    attributes,
  }
  const forms = [
    {
      form: { ...apart, inputs: [[2, 5, 2, 3, 4]] },
      split: ({ in0 }: Feeds) => [0, 1, 2].map((i) => unpacked(in0!, i)),
    },
    {
      form: {
        ...apart,
        inputs: [
          [2, 3, 8],
          [2, 5, 2, 2, 4],
        ],
      },
      split: ({ in0, in1 }: Feeds) => [in0!, unpacked(in1!, 0), unpacked(in1!, 1)],
    },
  ]
  for (const { form, split } of forms) {
    const feeds = feedsOf(form)
    const [query, key, value] = split(feeds)
    const shaped = { ...apart, inputs: [query!, key!, value!].map(({ dims }) => [...dims]) }
    const plain = await run(bytesOf(shaped), { in0: query!, in1: key!, in2: value! })
    const parts = await run(openedBytes(form, 'Softmax').bytes, feeds)
    expect(largestError(parts.get('out')!.data, plain.get('out')!.data)).toBeLessThan(1e-5)
  }
})

const skip = [[2, 3, 8], [2, 3, 8], [8], [8], [8]]
const norms: Record<string, Form> = {
  'the sum of a branch with its bias': { op: 'SkipLayerNormalization', inputs: skip },
  'no offset and no bias': { op: 'SkipSimplifiedLayerNormalization', inputs: skip.slice(0, 3) },
  'no offset': { op: 'SkipSimplifiedLayerNormalization', inputs: skip.slice(0, 4) },
  'words at their places': {
    op: 'EmbedLayerNormalization',
    inputs: [ints([2, 3], [0, 4, 2, 1, 1, 3]), null, [5, 8], [6, 8], null, [8], [8]],
    outputs: ['out', 'unused'],
  },
  'words at given places in segments': {
    op: 'EmbedLayerNormalization',
    inputs: [
      ...[ints([2, 3], [0, 4, 2, 1, 1, 3]), ints([2, 3], [0, 0, 1, 0, 1, 1]), [5, 8], [6, 8], [2, 8], [8], [8]],
      ...[null, ints([2, 3], [3, 4, 5, 0, 1, 2])],
    ],
    outputs: ['out', 'unused'],
  },
}

describe.each([11, 23])('norms, opset %i', (opset) => {
  test.each(Object.entries(norms))('%s', async (_name, form) => {
    const { plain, parts, asked } = await bothOf({ ...form, opset, attributes: { epsilon: { float: 1e-5 } } }, 'Add')
    expect(largestError(parts.get('out')!.data, plain.get('out')!.data)).toBeLessThan(1e-5)
    expect(parts.has(asked)).toBe(true)
  })
})

describe('sums before norms', () => {
  test.each([
    ['branch', 'x'],
    ['x', 'branch'],
  ])('the bias is that of the product, of %s and %s', (first, second) => {
    const norm = node('SkipLayerNormalization', [first, second, 'v', 'v', 'v'], ['y'], {}, 'com.microsoft')
    const nodes = [node('MatMul', ['x', 'w'], ['branch']), norm]
    const inputs = [value('x', 1, [1, 3, 8]), value('w', 1, [8, 8]), value('v', 1, [8])]
    const graph = openFused(readGraph(sourceOf(model({ nodes, inputs, outputs: ['y'] }))))
    const [biased, sum] = graph.nodes.filter(({ opType }) => opType === 'Add')
    expect([biased!.inputs, sum!.inputs]).toEqual([
      ['branch', 'v'],
      [biased!.outputs[0], 'x'],
    ])
  })

  test('a sum that the node gives already keeps its name, and does not open it', () => {
    const source = sourceOf(bytesOf({ op: 'SkipLayerNormalization', inputs: skip, outputs: ['out', '', '', 'sum'] }))
    const graph = openFused(readGraph(source))
    expect(last(graph, 'Add')).toBe('sum')
    const made = skeleton(graph, source, { outputs: ['sum'], weightsFile: () => 'none' })
    expect(readGraph(sourceOf(made)).nodes.map(({ opType }) => opType)).toEqual(['SkipLayerNormalization'])
  })
})

describe('what stays fused', () => {
  const heads = { num_heads: 2 }
  const why = (form: Form) => stillFused(openFused(readGraph(sourceOf(bytesOf(form)))))?.why
  const apart = [
    [1, 3, 8],
    [1, 5, 8],
    [1, 5, 8],
  ]

  test.each<[string, Form]>([
    ['does not say how many heads it has', { op: 'MultiHeadAttention', inputs: apart }],
    [
      'takes a mask that may have another form than [batch, key]',
      { op: 'MultiHeadAttention', inputs: [...apart, null, ints([1], [4])], attributes: heads },
    ],
    [
      'keeps its past in a shared buffer',
      {
        op: 'MultiHeadAttention',
        inputs: [...apart, ...[null, null, null, null, null], ints([1], [4])],
        attributes: heads,
      },
    ],
    [
      'turns queries and keys by their positions',
      { op: 'Attention', inputs: [[1, 3, 8], [8, 24], [24]], attributes: { ...heads, do_rotary: 1 } },
    ],
    [
      'has values of another width than its keys',
      { op: 'Attention', inputs: [[1, 3, 8], [8, 20], [20]], attributes: { ...heads, qkv_hidden_sizes: [8, 8, 4] } },
    ],
    [
      'gives scores as well',
      { op: 'MultiHeadAttention', inputs: apart, attributes: heads, outputs: ['out', '', '', 'qk'] },
    ],
    ['hides its weights', { op: 'DecoderMaskedMultiHeadAttention', inputs: apart, attributes: heads }],
  ])('%s', (sentence, form) => {
    expect(why(form)).toBe(sentence)
  })

  test('a graph without such nodes is the same graph', () => {
    const graph = readGraph(
      sourceOf(model({ nodes: [node('Relu', ['x'], ['y'])], inputs: [value('x', 1, [1])], outputs: ['y'] })),
    )
    expect(openFused(graph)).toBe(graph)
  })
})
