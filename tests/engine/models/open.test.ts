import { cpSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineError } from '../../../src/contract/errors.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../src/formats/onnx/skeleton.ts'
import { sourceOf } from '../../formats/onnx/build-model.ts'
import { copyOf, edit, handMade, handMadeFolder, shipped, temporary } from './make-folder.ts'

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
  expect(counts(whisper.encoder)).toEqual([4, 3, 0])
  expect(counts(whisper.decoder!)).toEqual([4, 3, 3])
  expect(counts(whisper.decoderWithPast!)).toEqual([4, 3, 3])
  expect(counts(openModel(shipped('ast')).encoder)).toEqual([4, 3, 0])
  expect(counts(openModel(shipped('wav2vec2')).encoder)).toEqual([5, 4, 0])
  expect(whisper.decoder?.self.every((site) => site.added)).toBe(true)
  expect(whisper.decoder?.cross.some((site) => site.added)).toBe(false)
})

test('inspects Whisper', () => {
  const { inspection } = openModel(shipped('whisper'))
  expect(inspection).toMatchObject({
    id: 'whisper-untrained',
    family: 'whisper',
    type: 'encoder-decoder',
    untrained: true,
  })
  expect(inspection).toMatchObject({ vocabulary: 430, positions: 1500, stepMs: 20 })
  // tied embeddings count once, as in PyTorch
  expect(inspection.parameters).toEqual({ total: 274704, encoder: 147360, decoder: 127344, head: 0 })
  expect(inspection.inputs.map((input) => input.name)).toEqual(['input_features', 'input_ids', 'encoder_hidden_states'])
  expect(inspection.inputs[0]).toEqual({ name: 'input_features', dtype: 'float32', shape: ['batch_size', 80, 3000] })
  expect(inspection.sites.map((site) => site.tap)).toEqual([
    ...[0, 1, 2].map((layer) => `encoder.attention.${layer}`),
    ...[0, 1, 2].map((layer) => `decoder.attention.${layer}`),
    ...[0, 1, 2].map((layer) => `cross.attention.${layer}`),
  ])
  expect(inspection.sites.at(-1)).toEqual({ tap: 'cross.attention.2', kind: 'cross', layer: 2, heads: 4 })
})

test('inspects AST and Wav2Vec2', () => {
  const ast = openModel(shipped('ast')).inspection
  expect(ast).toMatchObject({ type: 'classifier', vocabulary: null, positions: 1214, stepMs: 100 })
  expect(ast.parameters).toEqual({ total: 128462, encoder: 127680, decoder: 0, head: 782 })
  const wav2vec2 = openModel(shipped('wav2vec2')).inspection
  expect(wav2vec2).toMatchObject({ type: 'ctc', vocabulary: 32, positions: null, stepMs: 20 })
  expect(wav2vec2.parameters).toEqual({ total: 135872, encoder: 134304, decoder: 0, head: 1568 })
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

test('says so where config and graph belong to different models', () => {
  const folder = handMadeFolder(parent)
  edit(folder, 'config.json', { num_hidden_layers: 5 })
  expect(failure(() => openModel(folder)).message).toMatch('says 5 layers, but model.onnx shows 2 self-attention sites')
  edit(folder, 'config.json', { num_hidden_layers: 2, num_attention_heads: 4 })
  expect(failure(() => openModel(folder)).message).toMatch('config.json says 4 heads and model.onnx has 2')
  const renamed = handMadeFolder(parent, { ...handMade, input: 'pixel_values' })
  expect(failure(() => openModel(renamed)).message).toMatch('takes pixel_values; a wav2vec2 model takes input_values')
  const whisper = copyOf('whisper', parent)
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
