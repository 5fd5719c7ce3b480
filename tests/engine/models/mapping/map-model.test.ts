import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { timeOf, type Grids } from '../../../../src/contract/grid.ts'
import type { Mapping } from '../../../../src/contract/mapping.ts'
import type { ModelCard } from '../../../../src/contract/model.ts'
import { failedProofs, type ModelProof } from '../../../../src/contract/proof.ts'
import { proveModel } from '../../../../src/engine/inference/prove.ts'
import { exportModel } from '../../../../src/engine/models/export.ts'
import { familyById } from '../../../../src/engine/models/families/families.ts'
import { modelHash } from '../../../../src/engine/models/hash.ts'
import { importModel } from '../../../../src/engine/models/import.ts'
import type { Model } from '../../../../src/engine/models/model.ts'
import { openModel } from '../../../../src/engine/models/open.ts'
import { createRegistry, type Registry } from '../../../../src/engine/models/registry.ts'
import { root } from '../../../../src/engine/paths.ts'
import { graphName } from '../../../../src/engine/models/variants.ts'
import { openStore } from '../../../../src/engine/store/database.ts'
import type { Store } from '../../../../src/engine/store/store.ts'
import { madeVariants, unpackVariants } from '../../../golden/variants.ts'
import { goldenModel } from '../../../support/models.ts'
import { context, querySetup } from '../../inference/query-setup.ts'
import { quietly } from '../carried.ts'
import { edit, handMadeFolder, temporary } from '../make-folder.ts'

/** Graphs of known families without their configs, mapped by hand: all that is read must be what the family knows. */

let parent: string
let store: Store
let registry: Registry
beforeEach(() => {
  parent = temporary()
  store = openStore(join(parent, 'store'))
  registry = createRegistry(store, join(parent, 'none'), join(parent, 'data'))
})
afterEach(() => {
  store.close()
  rmSync(parent, { recursive: true })
})

const clip = join(root, 'tests', 'golden', 'clip.wav')

/** A golden model's graph of the encoder alone in a folder; `files` of its configs beside it. */
const aloneOf = (golden: string, files: string[] = []): string => {
  const folder = join(parent, `${golden}-alone`)
  mkdirSync(folder)
  for (const file of ['onnx/model.onnx', 'onnx/encoder_model.onnx', ...files]) {
    const from = join(goldenModel(golden), file)
    if (existsSync(from)) cpSync(from, join(folder, file.replace('onnx/', '')))
  }
  return folder
}

const mapped = (folder: string, mapping: Mapping): Promise<ModelCard> =>
  importModel(folder, registry, quietly(), mapping)

const prove = (modelFolder: string): Promise<ModelProof> =>
  proveModel({ modelFolder, modelVariant: 'fp32', modelHash: modelFolder, threads: 1 }, parent, {
    signal: new AbortController().signal,
    part: () => {},
  })

const gridsOf = ({ card, preprocessor, config }: Model): Grids =>
  familyById[card.family].grids(16000, 1.5, preprocessor, config)

const rounded = (grids: Grids): unknown =>
  JSON.parse(
    JSON.stringify(grids, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(9)) : value)),
  )

describe.each([
  ['hubert-sdpa-14', 'waveform', 'ctc'],
  ['hubert-mask-eager-17', 'waveform', 'classifier'],
  ['wav2vec2-bare-bmm-14', 'waveform', 'encoder'],
  ['wav2vec2-stable-eager-17', 'waveform', 'ctc'],
  ['wav2vec2-dynamo-23', 'waveform', 'ctc'],
  ['data2vec-audio-eager-17', 'waveform', 'ctc'],
  ['conformer-rotary-sdpa-14', 'waveform', 'ctc'],
  ['whisper-eager-14', 'log-mel', 'encoder'],
  ['whisper-turbo-sdpa-14', 'log-mel', 'encoder'],
  ['ast-bmm-14', 'filter-bank', 'classifier'],
  ['ast-dynamo-23', 'filter-bank', 'classifier'],
  ['wav2vec2-fused-17', 'waveform', 'ctc'],
  ['whisper-fused-17', 'log-mel', 'encoder'],
  ['ast-fused-17', 'filter-bank', 'classifier'],
] as const)('%s, mapped to a %s', (golden, input, type) => {
  test('has the layers, states, features and time axis of its family, and passes every proof', async () => {
    const folder = aloneOf(
      golden,
      ['vocab.json'].filter(() => input === 'waveform'),
    )
    expect(await mapped(folder, { input })).toMatchObject({ family: input, type, origin: 'imported' })
    const [made, known] = [openModel(folder), openModel(goldenModel(golden))]
    expect(made.card.encoder).toEqual(known.card.encoder)
    expect(made.card.minSeconds).toBe(known.card.minSeconds)
    expect(made.card.maxSeconds).toBe(known.card.maxSeconds)
    expect(made.encoder.hidden).toEqual(known.encoder.hidden)
    expect(made.encoder.self).toEqual(known.encoder.self)
    expect(rounded(gridsOf(made))).toEqual(rounded(gridsOf(known)))
    const samples = Float32Array.from({ length: 16000 }, (_, n) => Math.sin(n / 9) / 2)
    const features = ({ card, preprocessor }: Model) => familyById[card.family].features(samples, preprocessor)
    expect(features(made)).toEqual(features(known))
    expect(failedProofs(await prove(folder))).toEqual([])
  })
})

describe('a run of a mapped model', () => {
  const setup = querySetup()
  afterAll(setup.close)

  test.each([
    ['hubert-sdpa-14', 'waveform'],
    ['whisper-sdpa-14', 'log-mel'],
    ['ast-sdpa-14', 'filter-bank'],
  ] as const)('gives what its family gives, and says that it was mapped: %s', async (golden, input) => {
    const folder = aloneOf(golden)
    await mapped(folder, { input })
    const known = goldenModel(golden)
    const run = await setup.run(clip, folder, { region: [0.5, 2] })
    const same = await setup.run(clip, known, { region: [0.5, 2], options: { tokens: [1, 2] } })
    expect(run.warnings).toContainEqual(expect.stringMatching(/^its input was mapped by hand to a/))
    expect(rounded(run.grids)).toEqual(rounded({ features: same.grids.features, encoder: same.grids.encoder }))
    const layers = run.encoder.layers
    for (const tap of ['features', ...Array.from({ length: layers + 1 }, (_, i) => `encoder.hidden.${i}`)])
      expect(setup.store.tensor(run.id, tap), tap).toEqual(setup.store.tensor(same.id, tap))
    for (let layer = 0; layer < layers; layer++) {
      const tap = `encoder.attention.${layer}`
      const [mine, theirs] = [folder, known].map((modelFolder, i) =>
        setup.queries.attentionValues({ run: [run, same][i]!.id, tap, modelFolder, modelVariant: 'fp32' }, context),
      )
      expect(await mine, tap).toEqual(await theirs)
    }
  })
})

describe('a plain vision transformer on a spectrogram', () => {
  const vit = (): string => {
    const folder = join(parent, 'vit')
    cpSync(goldenModel('vit-sdpa-14'), folder, { recursive: true })
    rmSync(join(folder, 'otoscope.json'))
    return folder
  }

  test('is told how to be mapped, and reads as the golden one does', async () => {
    const folder = vit()
    await expect(importModel(folder, registry, quietly())).rejects.toThrow(
      `is of the unknown model type "vit"; known are wav2vec2, `,
    )
    await expect(importModel(folder, registry, quietly())).rejects.toThrow(
      `otoscope models import ${folder} --input waveform (or log-mel, or filter-bank)`,
    )
    await mapped(folder, { input: 'filter-bank' })
    const read = (from: string): Record<string, unknown> =>
      JSON.parse(readFileSync(join(from, 'otoscope.json'), 'utf8')) as Record<string, unknown>
    const { config, preprocessor } = read(goldenModel('vit-sdpa-14'))
    expect(read(folder)).toEqual({ config, preprocessor })
    expect(failedProofs(await prove(folder))).toEqual([])
    const { encoder } = gridsOf(openModel(folder))
    // a column of 16 frames every 160 ms, four bands, one special token; a second of sound in 1.28
    expect(encoder).toMatchObject({ bands: 4, special: 1, time: { step: 0.16, count: 8, valid: 6 } })
    expect(timeOf(encoder).start).toBeCloseTo(1.5 + 0.0125 + 7.5 * 0.01, 12)
  })

  test('is imported again without --input, mapped anew, and carried to another machine', async () => {
    const folder = vit()
    await mapped(folder, { input: 'log-mel' })
    const before = await modelHash(folder)
    await mapped(folder, { input: 'filter-bank' })
    expect(await modelHash(folder)).not.toBe(before)
    rmSync(join(folder, 'config.json'))
    const { id, note } = await importModel(folder, registry, quietly())
    expect(note).toBe(
      'its input was mapped by hand to a Kaldi filter bank as AST hears, 64 bands of 1.28 s at 16000 Hz',
    )
    const tar = join(parent, 'vit.tar')
    await exportModel(id, registry.find(id), tar, quietly())
    registry.remove(id)
    expect(await importModel(tar, registry, quietly())).toMatchObject({ id: 'vit', family: 'filter-bank', note })
    expect(registry.list().map((card) => card.id)).toEqual(['vit'])
    await expect(mapped(tar, { input: 'waveform' })).rejects.toThrow('vit.tar is an archive, which brings its mapping')
  })
})

test('a lone graph is told what to say, and is then a model of its own', async () => {
  const folder = aloneOf('hubert-sdpa-14')
  const graph = join(folder, 'model.onnx')
  await expect(importModel(graph, registry, quietly())).rejects.toThrow(
    `otoscope models import ${graph} --input waveform`,
  )
  expect(await mapped(graph, { input: 'waveform' })).toMatchObject({ id: 'hubert-sdpa-14-alone', type: 'encoder' })
  expect(readdirSync(folder).sort()).toEqual(['model.onnx', 'otoscope.json'])
  expect((await importModel(graph, registry, quietly())).id).toBe('hubert-sdpa-14-alone')
  mkdirSync(join(parent, 'below', 'onnx'), { recursive: true })
  renameSync(graph, join(parent, 'below', 'onnx', 'model.onnx'))
  expect((await mapped(join(parent, 'below', 'onnx', 'model.onnx'), { input: 'waveform' })).id).toBe('below')
})

test('config files keep what they say beside the mapping', async () => {
  const folder = aloneOf('hubert-mask-sdpa-14', ['config.json', 'preprocessor_config.json'])
  edit(folder, 'config.json', { model_type: 'nobody-knows', problem_type: 'multi_label_classification' })
  edit(folder, 'preprocessor_config.json', { sampling_rate: 8000, do_normalize: false })
  expect(await mapped(folder, { input: 'waveform' })).toMatchObject({
    note: 'its input was mapped by hand to a waveform at 8000 Hz, as it is',
  })
  expect(openModel(folder).config).toMatchObject({
    problem_type: 'multi_label_classification',
    id2label: { 0: 'neutral' },
  })
  const { note } = await mapped(folder, { input: 'waveform', rate: 22050, normalise: true })
  expect(note).toContain('a waveform at 22050 Hz, brought to zero mean')
})

test.each([
  ['ast-eager-14', 'filter-bank', 'model'],
  ['wav2vec2-bmm-14', 'waveform', 'model'],
  ['whisper-sdpa-17', 'log-mel', 'encoder_model'],
] as const)('quantised and half-precision graphs read as the float32 graph does: %s', async (golden, input, stem) => {
  const unpacked = join(unpackVariants(golden, parent), 'onnx')
  const read: unknown[] = []
  for (const variant of ['fp32', ...madeVariants] as const) {
    const folder = join(parent, variant)
    mkdirSync(folder)
    renameSync(join(unpacked, graphName(stem, variant)), join(folder, graphName(stem, variant)))
    expect(await mapped(folder, { input })).toMatchObject({ variant, variants: [variant] })
    read.push(JSON.parse(readFileSync(join(folder, 'otoscope.json'), 'utf8')))
  }
  for (const mapping of read) expect(mapping).toEqual(read[0])
})

test('heads that the graph works out as it runs are asked for', async () => {
  const folder = aloneOf('wavlm-eager-17')
  await expect(mapped(folder, { input: 'waveform' })).rejects.toThrow('say how many with --heads')
  expect((await mapped(folder, { input: 'waveform', heads: 2 })).encoder.heads).toBe(2)
  expect(failedProofs(await prove(folder))).toEqual([])
})

test('rows of a head that cannot be placed are a proof that failed', async () => {
  const folder = aloneOf('sew-sdpa-14', ['vocab.json'])
  await mapped(folder, { input: 'waveform' })
  expect(failedProofs(await prove(folder)).map(({ sentence }) => sentence)).toEqual([
    'the encoder makes 49 steps of the sound, and its time axis has 49; its head gives 99 rows, and their time axis has 49',
  ])
})

test.each<[string, Mapping, string]>([
  ['hubert-sdpa-14', { input: 'log-mel' }, 'the graph takes one channel and no spectrogram: try --input waveform'],
  ['whisper-sdpa-14', { input: 'waveform' }, 'takes 80 channels and no waveform: try --input log-mel or filter-bank'],
  ['ast-sdpa-14', { input: 'waveform' }, 'takes a picture and no waveform: try --input filter-bank or log-mel'],
  ['bert-sdpa-14', { input: 'filter-bank' }, 'has no convolution between its input and its first layer'],
  ['whisper-sdpa-14', { input: 'log-mel', seconds: 3 }, 'leave --seconds out'],
  ['whisper-sdpa-14', { input: 'log-mel', normalise: true }, 'leave --normalise out'],
  ['hubert-sdpa-14', { input: 'waveform', heads: 3 }, 'config.json says 3 heads and model.onnx has 2'],
])('%s mapped to %o is refused, and nothing is left of it', async (golden, mapping, sentence) => {
  const folder = aloneOf(golden)
  await expect(mapped(folder, mapping)).rejects.toThrow(sentence)
  expect(existsSync(join(folder, 'otoscope.json'))).toBe(false)
  writeFileSync(join(folder, 'otoscope.json'), '{"note":"mine"}')
  await expect(mapped(folder, mapping)).rejects.toThrow(sentence)
  expect(JSON.parse(readFileSync(join(folder, 'otoscope.json'), 'utf8'))).toEqual({ note: 'mine' })
  expect(registry.list()).toEqual([])
})

test('what needs no mapping, has no graph or is no encoder is told so', async () => {
  await expect(mapped(goldenModel('ast-sdpa-14'), { input: 'filter-bank' })).rejects.toThrow(
    'ast-sdpa-14 is a model of AST, whose input is known: leave --input out',
  )
  mkdirSync(join(parent, 'empty'))
  await expect(mapped(join(parent, 'empty'), { input: 'waveform' })).rejects.toThrow('empty has no model.onnx')
  const folder = join(parent, 'decoder')
  mkdirSync(folder)
  cpSync(join(goldenModel('whisper-sdpa-14'), 'onnx', 'decoder_model.onnx'), join(folder, 'model.onnx'))
  await expect(mapped(folder, { input: 'log-mel' })).rejects.toThrow('takes input_ids, encoder_hidden_states')
  writeFileSync(join(folder, 'model.onnx'), 'no model')
  await expect(mapped(folder, { input: 'log-mel' })).rejects.toThrow('is no ONNX model')
  const made = handMadeFolder(parent)
  rmSync(join(made, 'config.json'))
  await expect(mapped(made, { input: 'waveform' })).rejects.toThrow('has no convolution between its input and')
})

test('a mapping that was damaged by hand is a sentence', async () => {
  const folder = aloneOf('hubert-sdpa-14')
  await mapped(folder, { input: 'waveform' })
  const { config } = JSON.parse(readFileSync(join(folder, 'otoscope.json'), 'utf8')) as { config: object }
  edit(folder, 'otoscope.json', { config: { ...config, stem: [1] } })
  expect(() => openModel(folder)).toThrow('import the model again with --input')
})

test('a folder in the place of otoscope.json is a sentence', async () => {
  const folder = aloneOf('hubert-sdpa-14')
  mkdirSync(join(folder, 'otoscope.json'))
  await expect(mapped(folder, { input: 'waveform' })).rejects.toThrow('a file of hubert-sdpa-14-alone cannot be read')
})

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is a sentence', async () => {
  const folder = aloneOf('hubert-sdpa-14')
  chmodSync(folder, 0o555)
  await expect(mapped(folder, { input: 'waveform' })).rejects.toThrow(
    'otoscope.json cannot be written: permission denied',
  )
  chmodSync(folder, 0o755)
})
