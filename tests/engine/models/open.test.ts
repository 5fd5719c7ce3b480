import { cpSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineError } from '../../../src/contract/errors.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../src/formats/onnx/skeleton.ts'
import { integers, model, node, sourceOf, value } from '../../formats/onnx/build-model.ts'
import { copyOf, edit, handMade, handMadeFolder, shipped, temporary } from './make-folder.ts'
import { goldenModel, shapes } from '../../support/models.ts'

let parent: string
beforeEach(() => void (parent = temporary()))
afterEach(() => rmSync(parent, { recursive: true }))

const failure = (run: () => unknown): EngineError => {
  try {
    run()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('it did not fail')
}

test('finds every site and hidden state of the shipped models', () => {
  const whisper = openModel(shipped('whisper'))
  const counts = (graph: typeof whisper.encoder) => [graph.hidden.length, graph.self.length, graph.cross.length]
  expect(counts(whisper.encoder)).toEqual([5, 4, 0])
  expect(counts(whisper.decoder!)).toEqual([4, 3, 3])
  expect(counts(whisper.decoderWithPast!)).toEqual([4, 3, 3])
  expect(counts(openModel(shipped('ast')).encoder)).toEqual([6, 5, 0])
  expect(counts(openModel(shipped('wav2vec2')).encoder)).toEqual([6, 5, 0])
  expect(whisper.decoder?.self.every((site) => site.added)).toBe(true)
  expect(whisper.decoder?.cross.some((site) => site.added)).toBe(false)
})

test('inspects Whisper', () => {
  const { inspection } = openModel(goldenModel('whisper-sdpa-17'))
  expect(inspection).toMatchObject({
    id: 'whisper-sdpa-17',
    family: 'whisper',
    type: 'encoder-decoder',
    untrained: true,
  })
  expect(inspection).toMatchObject({ vocabulary: 320, positions: 100, stepMs: 20 })
  // tied embeddings count once, as in PyTorch
  expect(inspection.parameters).toEqual({ total: 26800, encoder: 10688, decoder: 16112, head: 0 })
  expect(inspection.inputs.map((input) => input.name)).toEqual(['input_features', 'input_ids', 'encoder_hidden_states'])
  expect(inspection.inputs[0]).toEqual({ name: 'input_features', dtype: 'float32', shape: ['batch_size', 80, 200] })
  expect(inspection.sites.map((site) => site.tap)).toEqual([
    ...[0, 1].map((layer) => `encoder.attention.${layer}`),
    ...[0, 1, 2].map((layer) => `decoder.attention.${layer}`),
    ...[0, 1, 2].map((layer) => `cross.attention.${layer}`),
  ])
  expect(inspection.sites.at(-1)).toEqual({ tap: 'cross.attention.2', kind: 'cross', layer: 2, heads: 2 })
})

test('inspects AST and Wav2Vec2', () => {
  const ast = openModel(goldenModel('ast-sdpa-17')).inspection
  expect(ast).toMatchObject({ type: 'classifier', vocabulary: null, positions: 127, stepMs: 100 })
  expect(ast.parameters).toEqual({ total: 10926, encoder: 10656, decoder: 0, head: 270 })
  const wav2vec2 = openModel(goldenModel('wav2vec2-sdpa-17')).inspection
  expect(wav2vec2).toMatchObject({ type: 'ctc', vocabulary: 32, positions: null, stepMs: 20 })
  expect(wav2vec2.parameters).toEqual({ total: 8368, encoder: 7824, decoder: 0, head: 544 })
  // other strides and convolutions than the official ones
  expect(openModel(shipped('ast')).inspection).toMatchObject({ untrained: false, positions: 514, stepMs: 160 })
  expect(openModel(shipped('wav2vec2')).inspection).toMatchObject({ untrained: false, stepMs: 20 })
})

test('remembers an opened model until one of its files changes', () => {
  const folder = copyOf('ast', parent)
  const first = openModel(folder)
  expect(openModel(folder)).toBe(first)
  utimesSync(join(folder, 'onnx', 'model.onnx'), 1, 1)
  expect(openModel(folder)).not.toBe(first)
})

test('a graph without the head its config promises is an encoder', () => {
  const { card, inspection, encoder } = openModel(handMadeFolder(parent))
  expect([card.type, inspection.type, inspection.vocabulary]).toEqual(['encoder', 'encoder', null])
  expect(encoder.hidden).toHaveLength(3)
})

test('Whisper opens without the cached decoder', () => {
  const folder = copyOf('whisper', parent)
  rmSync(join(folder, 'onnx', 'decoder_with_past_model.onnx'))
  expect(openModel(folder).decoderWithPast).toBeUndefined()
})

test('says what is wrong with a graph file', () => {
  const folder = copyOf('ast', parent)
  const file = join(folder, 'onnx', 'model.onnx')
  truncateSync(file, 300_000)
  expect(failure(() => openModel(folder)).message).toMatch('model.onnx is no ONNX model: it is cut short or damaged')
  writeFileSync(file, '')
  expect(failure(() => openModel(folder))).toMatchObject({
    code: 'bad-model',
    message: 'model.onnx is no ONNX model: it is empty',
  })
  writeFileSync(file, '<html>404</html>')
  expect(failure(() => openModel(folder)).message).toMatch('it is a web page')
})

test('says which node keeps attention closed, and the command that exports it open', () => {
  const folder = handMadeFolder(parent)
  const attend = node('DecoderMaskedMultiHeadAttention', ['x'], ['y'], { num_heads: 2 }, 'com.microsoft')
  const nodes = [node('Relu', ['input_values'], ['x']), attend]
  const inputs = [value('input_values', 1, [1, 'step'])]
  const advice =
    'it hides its weights; export the model without --optimize: optimum-cli export onnx --model MODEL FOLDER'
  const refused = `has its attention fused into y (DecoderMaskedMultiHeadAttention), which cannot be opened: ${advice}`
  writeFileSync(join(folder, 'onnx', 'model.onnx'), model({ nodes, inputs, outputs: ['y'] }))
  expect(failure(() => openModel(folder))).toMatchObject({ code: 'bad-model', message: `model.onnx ${refused}` })
  cpSync(join(folder, 'onnx', 'model.onnx'), join(folder, 'onnx', 'model_fp16.onnx'))
  expect(failure(() => openModel(folder, 'fp16')).message).toBe(
    `model_fp16.onnx ${refused} (this is its fp16 variant; fp32 is here too: add :fp32 to the model's name)`,
  )
})

test('says which variant cannot be opened, and which others are there', () => {
  const folder = copyOf('ast', parent)
  const [whole, half, quantised] = ['model', 'model_fp16', 'model_quantized'].map((stem) =>
    join(folder, 'onnx', `${stem}.onnx`),
  ) as [string, string, string]
  for (const file of [half, quantised]) cpSync(whole, file)
  truncateSync(half, 300_000)
  const { code, message } = failure(() => openModel(folder, 'fp16'))
  expect(code).toBe('bad-model')
  expect(message).toMatch(/^model_fp16.onnx is no ONNX model: it is cut short .* \(this is its fp16 variant; /)
  expect(message).toMatch("fp32, q8 are here too: add :fp32 to the model's name)")
  rmSync(quantised)
  rmSync(whole)
  expect(failure(() => openModel(folder)).message).toMatch(
    '(this is its fp16 variant; no other is here: get or export the float32 graphs)',
  )
})

test('opens each variant apart, and forgets what other variants were there', () => {
  const folder = copyOf('ast', parent)
  const file = join(folder, 'onnx', 'model_fp16.onnx')
  cpSync(join(folder, 'onnx', 'model.onnx'), file)
  const [best, half] = [openModel(folder), openModel(folder, 'fp16')]
  expect([best.card.variant, half.card.variant, half.encoder.path]).toEqual(['fp32', 'fp16', file])
  expect([openModel(folder, 'fp32'), openModel(folder, 'fp16')]).toEqual([best, half])
  rmSync(file)
  expect(openModel(folder).card.variants).toEqual(['fp32'])
})

test('refuses states of whole numbers, whose scales lie elsewhere', () => {
  const w = { nodes: [] as Uint8Array[] }
  const add = (opType: string, inputs: string[], output: string, attributes = {}) =>
    w.nodes.push(node(opType, inputs, [output], attributes))
  add('Cast', ['input_values'], 'state', { to: 3 })
  add('Reshape', ['state', 'split'], 'apart')
  add('Transpose', ['apart'], 'query', { perm: [0, 2, 1, 3] })
  add('Transpose', ['apart'], 'key', { perm: [0, 2, 3, 1] })
  add('MatMulInteger', ['query', 'key'], 'whole')
  add('Cast', ['whole'], 'score', { to: 1 })
  add('Softmax', ['score'], 'weights', { axis: -1 })
  add('Cast', ['weights'], 'weights8', { to: 3 })
  add('MatMulInteger', ['weights8', 'query'], 'summed')
  add('Cast', ['summed'], 'summed8', { to: 3 })
  add('Transpose', ['summed8'], 'moved', { perm: [0, 2, 1, 3] })
  add('Reshape', ['moved', 'together'], 'joined')
  add('Add', ['state', 'joined'], 'last_hidden_state')
  const bytes = model({
    ...w,
    initializers: [integers('split', [4], [1, -1, 2, 4]), integers('together', [3], [1, -1, 8])],
    inputs: [value('input_values', 1, [1, 'step', 8])],
    outputs: ['last_hidden_state'],
  })
  const folder = handMadeFolder(parent)
  edit(folder, 'config.json', { num_hidden_layers: 1 })
  writeFileSync(join(folder, 'onnx', 'model.onnx'), bytes)
  expect(failure(() => openModel(folder)).message).toMatch(
    'hands int8 from layer to layer, and only float32 and float16',
  )
})

test('says so where config and graph belong to different models', () => {
  const folder = handMadeFolder(parent)
  edit(folder, 'config.json', { num_hidden_layers: 5 })
  expect(failure(() => openModel(folder)).message).toMatch('says 5 layers, but model.onnx shows 2 self-attention sites')
  edit(folder, 'config.json', { num_hidden_layers: 2, num_attention_heads: 4 })
  expect(failure(() => openModel(folder)).message).toMatch('config.json says 4 heads and model.onnx has 2')
  const renamed = handMadeFolder(parent, { ...handMade, input: 'pixel_values' })
  expect(failure(() => openModel(renamed)).message).toMatch('takes pixel_values; a wav2vec2 model takes input_values')
  const whisper = copyOf('whisper', parent)
  edit(whisper, 'config.json', { decoder_layers: shapes.whisper.layers })
  cpSync(join(whisper, 'onnx', 'encoder_model.onnx'), join(whisper, 'onnx', 'decoder_model.onnx'))
  expect(failure(() => openModel(whisper)).message).toMatch('shows 0 cross-attention sites')
})

test('refuses external data that leaves its folder, is not there or is cut short', () => {
  const folder = handMadeFolder(parent)
  const file = join(folder, 'onnx', 'model.onnx')
  const stock = new Uint8Array(readFileSync(file))
  const keepIn = (location: string) => {
    const graph = readGraph(sourceOf(stock))
    for (const tensor of graph.initializers.values()) if (tensor.dims.length === 2) tensor.data.location = location
    writeFileSync(file, skeleton(graph, sourceOf(stock), { outputs: [], weightsFile: (at) => at ?? '' }))
  }
  keepIn('../secret')
  expect(failure(() => openModel(folder)).message).toBe('model.onnx keeps weights outside its folder, in ../secret')
  keepIn('/etc/hostname')
  expect(failure(() => openModel(folder)).message).toMatch('keeps weights outside its folder')
  keepIn('weights.bin')
  expect(failure(() => openModel(folder)).message).toMatch('keeps weights in weights.bin, which is not there')
  writeFileSync(join(folder, 'onnx', 'weights.bin'), 'short')
  expect(failure(() => openModel(folder)).message).toMatch('weights.bin is cut short')
  writeFileSync(join(folder, 'onnx', 'weights.bin'), stock)
  expect(openModel(folder).encoder.external.size).toBe(1)
})
