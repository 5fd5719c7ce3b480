import { floats, integers, model, node, noise, value } from '../../formats/onnx/build-model.ts'

/** Attention layers as exporters write them, with names that say nothing, for tests of structure and of running cuts. */

export interface Form {
  layers: number
  norm: 'pre' | 'post'
  /** `sdpa` scales both operands, `eager` the score, `bmm` flattens batch and heads, `runtime` works the scale out when run */
  scores: 'sdpa' | 'eager' | 'bmm' | 'runtime'
  /** LayerNormalization, or the eight nodes of opset 14 */
  layerNorm: 'one' | 'decomposed'
  mask?: boolean
  cross?: boolean
  /** the first layer's keys come from what its hidden state comes from, and not from that: a transposition fused with another */
  beside?: boolean
  /** products of whole numbers scaled back, or of halves between casts; float32 unless given */
  products?: 'whole' | 'half'
  /** residual additions of halves, cast for each addition and back */
  sums?: 'half'
  /** the input's name; x unless given */
  input?: string
}

export const width = 8
export const heads = 2
const each = width / heads

interface Writer {
  nodes: Uint8Array[]
  initializers: Uint8Array[]
  /** adds a node with one output and returns the output's name */
  add(opType: string, inputs: string[], attributes?: Parameters<typeof node>[3]): string
  /** a × b */
  product(a: string, b: string): string
  weights(shape: number[]): string
  numbers(values: number[]): string
  scalar(value: number): string
}

const writer = (products: Form['products']): Writer => {
  let count = 0
  const name = () => `n${(count++ * 7919) % 100003}`
  const nodes: Uint8Array[] = []
  const initializers: Uint8Array[] = []
  const keep = (make: (name: string) => Uint8Array): string => {
    const made = name()
    initializers.push(make(made))
    return made
  }
  const add: Writer['add'] = (opType, inputs, attributes) => {
    const output = name()
    nodes.push(node(opType, inputs, [output], attributes))
    return output
  }
  const quantised = (x: string): { values: string; scale: string; zero: string } => {
    const [values, scale, zero] = [name(), name(), name()] as const
    nodes.push(node('DynamicQuantizeLinear', [x], [values, scale, zero]))
    return { values, scale, zero }
  }
  const half = (x: string): string => add('Cast', [x], { to: 10 })
  return {
    nodes,
    initializers,
    add,
    product(a, b) {
      if (products === undefined) return add('MatMul', [a, b])
      if (products === 'half') return add('Cast', [add('MatMul', [half(a), half(b)])], { to: 1 })
      const [left, right] = [quantised(a), quantised(b)]
      const whole = add('MatMulInteger', [left.values, right.values, left.zero, right.zero])
      return add('Mul', [add('Cast', [whole], { to: 1 }), add('Mul', [left.scale, right.scale])])
    },
    weights: (shape) =>
      keep((n) => {
        const size = shape.reduce((a, b) => a * b, 1)
        return floats(n, shape, noise(size, count))
      }),
    numbers: (values) => keep((n) => integers(n, [values.length], values)),
    scalar: (v) => keep((n) => floats(n, [], [v])),
  }
}

const linear = (w: Writer, x: string, columns = width): string =>
  w.add('Add', [w.weights([columns]), w.product(x, w.weights([width, columns]))])

const layerNorm = (w: Writer, x: string, form: Form['layerNorm']): string => {
  const weight = w.add('Identity', [w.weights([width])]) // as exporters share equal weights
  const bias = w.weights([width])
  if (form === 'one') return w.add('LayerNormalization', [x, weight, bias])
  const centred = w.add('Sub', [x, w.add('ReduceMean', [x], { axes: [-1] })])
  const variance = w.add('ReduceMean', [w.add('Pow', [centred, w.scalar(2)])], { axes: [-1] })
  const deviation = w.add('Sqrt', [w.add('Add', [variance, w.scalar(1e-5)])])
  return w.add('Add', [w.add('Mul', [w.add('Div', [centred, deviation]), weight]), bias])
}

const split = (w: Writer, x: string): string => w.add('Reshape', [x, w.numbers([1, -1, heads, each])])

const flat = (w: Writer, x: string, form: Form): string =>
  form.scores === 'bmm' ? w.add('Reshape', [x, w.numbers([heads, -1, each])]) : x

/** sqrt(1 / sqrt(width of a head)), from the shape of `x` as it is when run */
const runtimeScale = (w: Writer, x: string): string => {
  const size = w.add('Slice', [w.add('Shape', [x]), w.numbers([-1]), w.numbers([2 ** 31 - 1])])
  const root = w.add('Sqrt', [w.add('Cast', [size], { to: 1 })])
  return w.add('Sqrt', [w.add('Div', [w.scalar(1), root])])
}

const scores = (w: Writer, query: string, key: string, form: Form): string => {
  const scale = 1 / Math.sqrt(each)
  if (form.scores === 'eager') return w.add('Mul', [w.product(query, key), w.scalar(scale)])
  if (form.scores === 'bmm') return w.product(w.add('Mul', [query, w.scalar(scale)]), key)
  const by = form.scores === 'runtime' ? runtimeScale(w, query) : w.scalar(Math.sqrt(scale))
  return w.product(w.add('Mul', [query, by]), w.add('Mul', [key, by]))
}

export interface Known {
  kind: 'self' | 'cross'
  weights: string
  hidden: string
}

/** Attention of `x` (normed or not) to `memory`, its residual addition to `hidden` left to the caller. */
const attention = (w: Writer, x: string, memory: string, form: Form): { out: string; weights: string } => {
  const turned = (y: string, perm: number[]) => w.add('Transpose', [split(w, y)], { perm })
  const bmm = form.scores === 'bmm'
  const query = flat(w, turned(linear(w, x), [0, 2, 1, 3]), form)
  const values = flat(w, turned(linear(w, memory), [0, 2, 1, 3]), form)
  const key = bmm
    ? w.add('Transpose', [flat(w, turned(linear(w, memory), [0, 2, 1, 3]), form)], { perm: [0, 2, 1] })
    : turned(linear(w, memory), [0, 2, 3, 1])
  const scored = scores(w, query, key, form)
  const masked = form.mask && x === memory ? w.add('Add', [scored, w.add('Cast', ['mask'], { to: 1 })]) : scored
  const weights = w.add('Softmax', [masked], { axis: -1 })
  const summed = w.product(weights, values)
  const together = bmm ? w.add('Reshape', [summed, w.numbers([1, heads, -1, each])]) : summed
  const joined = w.add('Reshape', [w.add('Transpose', [together], { perm: [0, 2, 1, 3] }), w.numbers([1, -1, width])])
  return { out: linear(w, joined), weights }
}

/** The model's bytes with what a search of it should find: sites, hidden states entering each layer, the last before and after norm. */
export const attentionModel = (form: Form) => {
  const w = writer(form.products)
  const sites: Known[] = []
  const norm = (x: string) => layerNorm(w, x, form.layerNorm)
  const pre = form.norm === 'pre'
  const block = (x: string, inner: (y: string) => string): string => {
    const branch = inner(pre ? norm(x) : x)
    const half = (y: string) => w.add('Cast', [y], { to: 10 })
    const sum =
      form.sums === 'half'
        ? w.add('Cast', [w.add('Add', [half(x), half(branch)])], { to: 1 })
        : w.add('Add', [x, branch])
    return pre ? sum : norm(sum)
  }
  const attend = (kind: Known['kind'], hidden: string, y: string, memory: string): string => {
    const { out, weights } = attention(w, y, memory, form)
    sites.push({ kind, weights, hidden })
    return out
  }
  const input = form.input ?? 'x'
  const stem = linear(w, input)
  let hidden = pre ? stem : norm(stem)
  const beside = form.beside ? w.add('Abs', [stem]) : undefined
  if (beside) hidden = w.add('Abs', [hidden])
  const states = [hidden]
  for (let layer = 0; layer < form.layers; layer++) {
    const entering = hidden
    let x = block(entering, (y) => attend('self', entering, y, layer === 0 && beside ? beside : y))
    const between = x
    if (form.cross) x = block(between, (y) => attend('cross', between, y, 'memory'))
    hidden = block(x, (y) => w.product(w.add('Relu', [linear(w, y, 16)]), w.weights([16, width])))
    states.push(hidden)
  }
  const top = pre ? norm(hidden) : hidden
  const logits = linear(w, top, 3)
  const inputs = [
    value(input, 1, [1, 'step', width]),
    ...(form.cross ? [value('memory', 1, [1, 'key', width])] : []),
    ...(form.mask ? [value('mask', 1, ['step', 'step'])] : []),
  ]
  const opset = form.layerNorm === 'one' ? 17 : 14
  const bytes = model({ nodes: w.nodes, initializers: w.initializers, inputs, outputs: [logits], opset })
  return { bytes, sites, states, top, logits }
}
