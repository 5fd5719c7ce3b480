import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { floats, integers, model, node, value } from '../formats/onnx/build-model.ts'
import { edit } from '../engine/models/make-folder.ts'
import { goldenModel } from './models.ts'

/**
 * Models whose attention truly points at what is loud: a step's state is how much energy it sees, squashed to 0 … 1, every query is the
 * same, and a key is its state times `gain`. One layer, one head; the others parts of a real model are left out.
 */

const width = 4
const gain = 16
const zeros = (shape: number[]): Float32Array => new Float32Array(shape.reduce((a, b) => a * b, 1))
/** ones for the first of `width` channels */
const first = (shape: number[]): Float32Array =>
  zeros(shape).fill(
    1,
    0,
    shape.slice(1).reduce((a, b) => a * b, 1),
  )
const identity = zeros([width, width]).map((_, i) => (i % (width + 1) === 0 ? 1 : 0))

/** From `energy` [1, width, step] or [1, width, band, column] to the layer’s result, `top` [1, step, width]. */
const layer = (special: boolean) => ({
  nodes: [
    node('Tanh', ['energy'], ['squashed']),
    node('Reshape', ['squashed', 'flat'], ['listed']),
    node('Transpose', ['listed'], ['steps'], { perm: [0, 2, 1] }),
    special
      ? node('Concat', ['token', 'token', 'steps'], ['joined'], { axis: 1 })
      : node('Identity', ['steps'], ['joined']),
    // an addition, as positions are: it is the hidden state that enters the layer
    node('Add', ['joined', 'nothing'], ['hidden']),
    ...(['query', 'key', 'value'] as const).flatMap((of) => [
      node('MatMul', ['hidden', of === 'query' ? 'none' : 'same'], [`${of} product`]),
      node('Add', [`${of} product`, of === 'query' ? 'gain' : 'nothing'], [`${of} sum`]),
      node('Reshape', [`${of} sum`, 'split'], [`${of} split`]),
      node('Transpose', [`${of} split`], [of], { perm: of === 'key' ? [0, 2, 3, 1] : [0, 2, 1, 3] }),
    ]),
    node('MatMul', ['query', 'key'], ['products']),
    node('Mul', ['products', 'half'], ['scores']),
    node('Softmax', ['scores'], ['weights'], { axis: -1 }),
    node('MatMul', ['weights', 'value'], ['heard']),
    node('Transpose', ['heard'], ['turned'], { perm: [0, 2, 1, 3] }),
    node('Reshape', ['turned', 'joint'], ['together']),
    node('MatMul', ['together', 'same'], ['out']),
    node('Add', ['hidden', 'out'], ['sum']),
    node('LayerNormalization', ['sum', 'norm', 'nothing'], ['top'], { axis: -1 }),
  ],
  initializers: [
    integers('flat', [3], [1, width, -1]),
    integers('split', [4], [1, -1, 1, width]),
    integers('joint', [3], [1, -1, width]),
    floats('none', [width, width], zeros([width, width])),
    floats('same', [width, width], identity),
    floats('gain', [width], [gain, 0, 0, 0]),
    floats('nothing', [width], zeros([width])),
    floats('norm', [width], zeros([width]).fill(1)),
    floats('half', [], [0.5]),
  ],
})

const folderOf = (parent: string, name: string, golden: string, changes: Record<string, unknown>): string => {
  const folder = join(parent, name)
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  for (const file of ['config.json', 'preprocessor_config.json'])
    cpSync(join(goldenModel(golden), file), join(folder, file))
  edit(folder, 'config.json', { num_hidden_layers: 1, num_attention_heads: 1, hidden_size: width, ...changes })
  return folder
}

/** Hears the samples as Wav2Vec2 does: steps of 400 samples, 320 apart. */
export const waveformClickModel = (parent: string, name: string): void => {
  const folder = folderOf(parent, name, 'wav2vec2-bare-bmm-14', {})
  const { nodes, initializers } = layer(false)
  const bytes = model({
    nodes: [
      node('Mul', ['input_values', 'input_values'], ['power']),
      node('Unsqueeze', ['power', 'one'], ['channel']),
      node('Conv', ['channel', 'window'], ['energy'], { kernel_shape: [400], strides: [320] }),
      ...nodes,
    ],
    initializers: [
      ...initializers,
      integers('one', [1], [1]),
      floats('window', [width, 1, 400], first([width, 1, 400])),
    ],
    inputs: [value('input_values', 1, [1, 'samples'])],
    outputs: ['top'],
  })
  writeFileSync(join(folder, 'onnx', 'model.onnx'), bytes)
}

/** Hears a filter bank of 64 bands and 6 s as AST does: patches of 16 × 16, 10 apart, after two special tokens. Padding is silent to it. */
export const patchClickModel = (parent: string, name: string): void => {
  const frames = 600
  const folder = folderOf(parent, name, 'ast-sdpa-17', { max_length: frames })
  edit(folder, 'preprocessor_config.json', { max_length: frames })
  const { nodes, initializers } = layer(true)
  const labels = 14
  const bytes = model({
    nodes: [
      // padding is 0.467 after normalisation
      node('Sub', ['input_values', 'louder'], ['above']),
      node('Relu', ['above'], ['loud']),
      node('Transpose', ['loud'], ['picture'], { perm: [0, 2, 1] }),
      node('Unsqueeze', ['picture', 'one'], ['channel']),
      node('Conv', ['channel', 'window'], ['energy'], { kernel_shape: [16, 16], strides: [10, 10] }),
      ...nodes,
      node('Gather', ['top', 'zero'], ['class'], { axis: 1 }),
      node('MatMul', ['class', 'head'], ['logits']),
    ],
    initializers: [
      ...initializers,
      integers('one', [1], [1]),
      integers('zero', [], [0]),
      floats('louder', [], [0.5]),
      floats('token', [1, 1, width], zeros([width])),
      floats('window', [width, 1, 16, 16], first([width, 1, 16, 16])),
      floats('head', [width, labels], zeros([width, labels])),
    ],
    inputs: [value('input_values', 1, [1, frames, 64])],
    outputs: [value('logits', 1, [1, labels])],
  })
  writeFileSync(join(folder, 'onnx', 'model.onnx'), bytes)
}
