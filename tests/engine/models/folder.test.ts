import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findGraphs, readCard } from '../../../src/engine/models/folder.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { copyOf, edit, shipped, temporary } from './make-folder.ts'
import { goldenModel, starters } from '../../support/models.ts'

let parent: string
beforeEach(() => void (parent = temporary()))
afterEach(() => rmSync(parent, { recursive: true }))

test('reads a card of each family from config files', () => {
  const whisper = readCard(shipped('whisper'))
  expect(whisper).toMatchObject({
    id: starters.whisper,
    family: 'whisper',
    type: 'encoder-decoder',
    origin: 'folder',
  })
  expect(whisper).toMatchObject({ licence: 'CC0-1.0', maxSeconds: 30 })
  expect(whisper.languages).toContain('en')
  expect(whisper.decoder).toMatchObject({ layers: 3, heads: 4 })
  expect(whisper.bytes).toBeGreaterThan(1_000_000)
  const ast = readCard(shipped('ast'))
  expect(ast).toMatchObject({ family: 'ast', type: 'classifier', maxSeconds: 10.24, minSeconds: 0.025 })
  const wav2vec2 = readCard(shipped('wav2vec2'))
  expect(wav2vec2).toMatchObject({ family: 'wav2vec2', type: 'ctc', maxSeconds: null, minSeconds: 780 / 16000 })
  expect(wav2vec2.encoder).toEqual({ layers: 5, heads: 4, width: 192 })
  expect(readCard(goldenModel('wav2vec2-sdpa-17'))).toMatchObject({ minSeconds: 0.025, encoder: { width: 16 } })
  expect(wav2vec2.decoder).toBeUndefined()
  expect(wav2vec2.languages).toBeUndefined()
})

test('a revision in the cache of Hugging Face is called as its repository is', () => {
  const revision = join(parent, 'models--openai--whisper-tiny', 'snapshots', '169d4a4')
  mkdirSync(join(revision, 'onnx'), { recursive: true })
  const blobs = join(parent, 'models--openai--whisper-tiny', 'blobs')
  cpSync(shipped('whisper'), blobs, { recursive: true })
  for (const file of readdirSync(blobs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
    const target = join(file.parentPath, file.name)
    symlinkSync(target, join(revision, relative(blobs, target)))
  }
  expect(readCard(revision)).toMatchObject({ id: 'whisper-tiny', family: 'whisper' })
  expect(readCard(revision).bytes).toBe(readCard(shipped('whisper')).bytes)
})

const isRoot = process.getuid?.() === 0
test.skipIf(isRoot)('a file that may not be read is named', () => {
  for (const file of ['config.json', 'onnx/model.onnx']) {
    const folder = copyOf('ast', parent, basename(file))
    chmodSync(join(folder, file), 0o000)
    expect(() => openModel(folder)).toThrow(`${basename(file)} of ${basename(file)} cannot be read: permission denied`)
  }
})

test('a folder where a file should be is named', () => {
  const folder = copyOf('ast', parent)
  rmSync(join(folder, 'config.json'))
  mkdirSync(join(folder, 'config.json'))
  expect(() => readCard(folder)).toThrow('a file of ast cannot be read')
})

test('a model is called untrained where its otoscope.json says so, and not without one', () => {
  const folder = join(parent, 'random')
  cpSync(goldenModel('ast-sdpa-17'), folder, { recursive: true })
  expect(readCard(folder)).toMatchObject({ untrained: true, licence: 'CC0-1.0' })
  rmSync(join(folder, 'otoscope.json'))
  expect(readCard(folder)).toMatchObject({ untrained: false, licence: null })
})

test('finds graphs at the top of a folder too, and does without the cached decoder', () => {
  const folder = copyOf('whisper', parent)
  for (const file of ['encoder_model.onnx', 'decoder_model.onnx'])
    renameSync(join(folder, 'onnx', file), join(folder, file))
  rmSync(join(folder, 'onnx'), { recursive: true })
  expect(findGraphs(folder, 'whisper')).toEqual({
    encoder: join(folder, 'encoder_model.onnx'),
    decoder: join(folder, 'decoder_model.onnx'),
  })
})

test('opens the best variant that is there in full unless told otherwise', () => {
  const folder = copyOf('whisper', parent)
  const add = (stem: string, suffix: string) =>
    cpSync(join(folder, 'onnx', `${stem}.onnx`), join(folder, 'onnx', `${stem}${suffix}.onnx`))
  for (const stem of ['encoder_model', 'decoder_model', 'decoder_with_past_model']) add(stem, '_quantized')
  for (const stem of ['encoder_model', 'decoder_model']) add(stem, '_q4')
  add('encoder_model', '_fp16')
  expect(readCard(folder)).toMatchObject({ variant: 'fp32', variants: ['fp32', 'q8', 'q4'] })
  expect(findGraphs(folder, 'whisper', 'q8').decoderWithPast).toMatch('decoder_with_past_model_quantized.onnx')
  expect(findGraphs(folder, 'whisper', 'q4')).toEqual({
    encoder: join(folder, 'onnx', 'encoder_model_q4.onnx'),
    decoder: join(folder, 'onnx', 'decoder_model_q4.onnx'),
  })
  expect(readCard(folder, 'q4').bytes).toBeLessThan(readCard(folder, 'q8').bytes)
  expect(() => readCard(folder, 'fp16')).toThrow(
    'whisper has no decoder_model_fp16.onnx, which its fp16 variant needs; it has fp32, q8, q4',
  )
  rmSync(join(folder, 'onnx', 'encoder_model.onnx'))
  expect(readCard(folder)).toMatchObject({ variant: 'q8', variants: ['q8', 'q4'] })
})

test('reads the front-end from processor_config.json, as newer exports write it', () => {
  const folder = copyOf('whisper', parent)
  rmSync(join(folder, 'preprocessor_config.json'))
  writeFileSync(join(folder, 'processor_config.json'), JSON.stringify({ feature_extractor: { chunk_length: 20 } }))
  expect(readCard(folder).maxSeconds).toBe(20)
})

test('a model without a head is an encoder', () => {
  const folder = copyOf('wav2vec2', parent)
  edit(folder, 'config.json', { architectures: ['Wav2Vec2Model'] })
  expect(readCard(folder).type).toBe('encoder')
})

test('says what is wrong with a folder', () => {
  expect(() => readCard(join(parent, 'nowhere'))).toThrow(/there is no model folder .*nowhere/)
  writeFileSync(join(parent, 'file.onnx'), '')
  expect(() => readCard(join(parent, 'file.onnx'))).toThrow('is a file; a model is a folder')
  mkdirSync(join(parent, 'empty'))
  expect(() => readCard(join(parent, 'empty'))).toThrow('empty has no config.json')
})

test('says what is wrong with configs', () => {
  const folder = copyOf('ast', parent)
  edit(folder, 'config.json', { num_hidden_layers: undefined })
  expect(() => readCard(folder)).toThrow('config.json does not say num_hidden_layers')
  edit(folder, 'config.json', { model_type: 'bert' })
  expect(() => readCard(folder)).toThrow('unknown model type "bert"; known are wav2vec2, whisper, audio-spectrogram')
  edit(folder, 'config.json', { model_type: undefined })
  expect(() => readCard(folder)).toThrow('says no model_type')
  writeFileSync(join(folder, 'config.json'), '{')
  expect(() => readCard(folder)).toThrow('config.json of ast is not JSON')
  writeFileSync(join(folder, 'config.json'), '[]')
  expect(() => readCard(folder)).toThrow('config.json of ast is not a JSON object')
  rmSync(join(copyOf('whisper', parent), 'preprocessor_config.json'))
  expect(() => readCard(join(parent, 'whisper'))).toThrow('has no preprocessor_config.json')
})

test('says which graph is missing and what is there instead', () => {
  const folder = copyOf('ast', parent)
  renameSync(join(folder, 'onnx', 'model.onnx'), join(folder, 'onnx', 'other.onnx'))
  expect(() => readCard(folder)).toThrow('no model.onnx, in onnx/ or at its top; there is other.onnx')
  rmSync(join(folder, 'onnx'), { recursive: true })
  expect(() => readCard(folder)).toThrow('there is no .onnx file at all')
  const whisper = copyOf('whisper', parent)
  rmSync(join(whisper, 'onnx', 'decoder_model.onnx'))
  expect(() => readCard(whisper)).toThrow('no decoder_model.onnx, in onnx/ or at its top')
})
