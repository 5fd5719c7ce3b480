import { expect, test } from 'vitest'
import type { HubFile, HubRepo } from '../../../../src/engine/models/hub/api.ts'
import { listingOf } from '../../../../src/engine/models/hub/listing.ts'
import { wantedFiles } from '../../../../src/engine/models/hub/wanted.ts'

const file = (path: string, bytes = 10): HubFile => ({
  path,
  bytes,
  hash: { algorithm: 'git-sha1', hex: 'a'.repeat(40) },
})

const repo = (paths: string[], more: Partial<HubRepo> = {}): HubRepo => ({
  repo: 'somebody/model',
  name: 'somebody/model',
  commit: 'c'.repeat(40),
  gated: false,
  licence: '',
  pipeline: 'automatic-speech-recognition',
  modelType: 'whisper',
  files: paths.map((path) => file(path)),
  ...more,
})

const none = (): number => 0
const whisper = [
  'config.json',
  'onnx/encoder_model.onnx',
  'onnx/decoder_model.onnx',
  'onnx/decoder_with_past_model.onnx',
]
const quantised = whisper.slice(1).map((path) => path.replace('.onnx', '_quantized.onnx'))

test('offers the variants that are there in full, best first, with what is to be downloaded', () => {
  const found = repo([...quantised, 'onnx/encoder_model_fp16.onnx', ...whisper, 'pytorch_model.bin'])
  const { variants, refused, opens, exportCommand } = listingOf(found, () => 7)
  expect(variants).toEqual([
    { variant: 'fp32', bytes: 40, present: 7 },
    { variant: 'q8', bytes: 40, present: 7 },
  ])
  expect([refused, opens, exportCommand]).toEqual(['', true, null])
})

test('takes configs, tokenizer and licence first, the graphs with their weights after, and nothing else', () => {
  const files = [
    ...['onnx/model.onnx', 'onnx/model.onnx_data', 'onnx/model.onnx_data_1', 'onnx/model.onnx.data'],
    ...['onnx/model_fp16.onnx', 'onnx/model.onnx_data_x', 'model.safetensors', 'deep/config.json', 'onnx/config.json'],
    ...['vocab.json', 'README.md', 'config.json'],
  ]
  const wanted = wantedFiles(repo(files).files, 'wav2vec2', 'fp32')!.map(({ path }) => path)
  expect(wanted.slice(0, 3).sort()).toEqual(['README.md', 'config.json', 'vocab.json'])
  expect(wanted.slice(3).sort()).toEqual([
    'onnx/model.onnx',
    'onnx/model.onnx.data',
    'onnx/model.onnx_data',
    'onnx/model.onnx_data_1',
  ])
})

test('graphs may lie at the top, and the cached decoder may be missing', () => {
  const top = whisper.map((path) => path.replace('onnx/', '')).slice(0, 3)
  expect(listingOf(repo(top), none).variants.map(({ variant }) => variant)).toEqual(['fp32'])
})

test('a checkpoint without ONNX is told apart, with the repository that has it and the command that makes it', () => {
  const listing = listingOf(repo(['config.json', 'model.safetensors'], { repo: 'openai/whisper-tiny' }), none)
  expect(listing.alternative).toBe('onnx-community/whisper-tiny')
  expect(listing.exportCommand).toBe(
    'pip install "optimum-onnx[onnxruntime]" && optimum-cli export onnx --model openai/whisper-tiny --task automatic-speech-recognition-with-past whisper-tiny',
  )
  expect(listing.refused).toBe(
    `openai/whisper-tiny has no ONNX files; onnx-community/whisper-tiny has the same model with them, or export it with: ${listing.exportCommand}`,
  )
  const other = listingOf(repo(['config.json'], { modelType: 'wav2vec2' }), none)
  expect(other.alternative).toBeNull()
  expect(other.exportCommand).toContain('--model somebody/model --task automatic-speech-recognition model')
  const ast = listingOf(repo(['config.json'], { modelType: 'audio-spectrogram-transformer', pipeline: '' }), none)
  expect(ast.exportCommand).toContain('--task audio-classification')
  expect(listingOf(repo(['config.json'], { modelType: 'wav2vec2', pipeline: '' }), none).exportCommand).toContain(
    '--task feature-extraction',
  )
})

test('what cannot be opened says why', () => {
  const refused = (found: HubRepo): string => listingOf(found, none).refused
  expect(refused(repo(whisper, { modelType: 'bert' }))).toContain(
    'is of the model type bert, which Otoscope does not open',
  )
  expect(refused(repo([], { modelType: '' }))).toContain('no config.json that names its model type')
  expect(refused(repo(['config.json', 'onnx/encoder_model.onnx']))).toContain('not those its model type needs')
})

test('the licence is the repository’s, else the catalogue’s, else not known', () => {
  const licence = (more: Partial<HubRepo>): string => listingOf(repo(whisper, more), none).licence
  expect(licence({ licence: 'mit' })).toBe('mit')
  expect(licence({ repo: 'onnx-community/whisper-tiny' })).toBe('apache-2.0')
  expect(licence({})).toBe('')
})
