import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Tensor } from 'onnxruntime-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ModelGraph } from '../../../src/engine/models/model.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { writeCut, writeSkeleton } from '../../../src/engine/models/skeleton-file.ts'
import { openWorkFolder, type WorkFolder } from '../../../src/engine/work-folder.ts'
import { readGraph } from '../../../src/formats/onnx/read-graph.ts'
import { skeleton } from '../../../src/formats/onnx/skeleton.ts'
import { noise, runFile, sourceOf, tensor, tokens } from '../../formats/onnx/build-model.ts'
import { shapes } from '../../support/models.ts'
import { width } from './attention-model.ts'
import { handMadeFolder, shipped, temporary } from './make-folder.ts'
import { firstRows, softmaxOfScores } from './recompute.ts'

let parent: string
let work: WorkFolder
beforeEach(() => {
  parent = temporary()
  work = openWorkFolder(join(parent, 'work'))
})
afterEach(() => rmSync(parent, { recursive: true }))

type Feeds = Record<string, Tensor>

const states = shapes.whisper.width

const whisperDecoder = (): [ModelGraph, Feeds] => [
  openModel(shipped('whisper')).decoder!,
  { input_ids: tokens([1, 5, 9, 200, 17]), encoder_hidden_states: tensor([1, 1500, states], noise(1500 * states)) },
]
const graphs: Record<string, () => [ModelGraph, Feeds]> = {
  'wav2vec2 encoder': () => [
    openModel(shipped('wav2vec2')).encoder,
    { input_values: tensor([1, 16000], noise(16000)) },
  ],
  'ast encoder': () => [openModel(shipped('ast')).encoder, { input_values: tensor([1, 1024, 128], noise(1024 * 128)) }],
  'whisper encoder': () => [
    openModel(shipped('whisper')).encoder,
    { input_features: tensor([1, 80, 3000], noise(80 * 3000)) },
  ],
  'whisper decoder': whisperDecoder,
}

test.each(Object.entries(graphs))('a skeleton gives the stock results bit for bit: %s', async (_, make) => {
  const [graph, feeds] = make()
  const expected = await runFile(graph.path, feeds)
  const path = writeSkeleton(graph, work.path, graph.hidden)
  expect(statSync(path).size).toBeLessThan(statSync(graph.path).size / 2)
  const results = await runFile(path, feeds)
  for (const [name, { data }] of expected)
    expect(Buffer.from(results.get(name)!.data.buffer)).toEqual(Buffer.from(data.buffer))
  for (const name of graph.hidden) expect(results.get(name)?.dims.length).toBe(3)
})

test.each(Object.entries(graphs))(
  'a cut from a hidden state gives the attention the whole graph has: %s',
  async (_, make) => {
    const [graph, feeds] = make()
    const sites = [...graph.self, ...graph.cross].filter((site) => site.layer !== 1)
    const path = writeSkeleton(graph, work.path, [...graph.hidden, ...sites.map((site) => site.weights)])
    const whole = await runFile(path, feeds)
    for (const site of sites) {
      const hidden = graph.hidden[site.layer]!
      const made = writeCut(graph, work.path, [hidden], site.added ? [site.weights] : [site.query, site.key])
      const needed = made.inputs.map(({ name }): [string, Tensor] => [name, whole.get(name) ?? feeds[name]!])
      const results = await runFile(made.path, Object.fromEntries(needed))
      const expected = firstRows(whole.get(site.weights)!, site.heads, 3)
      const recomputed = site.added
        ? firstRows(results.get(site.weights)!, site.heads, 3)
        : softmaxOfScores(results.get(site.query)!, results.get(site.key)!, site, 3)
      const worst = expected.reduce((error, weight, i) => Math.max(error, Math.abs(weight - recomputed[i]!)), 0)
      expect(worst).toBeLessThan(1e-5)
      expect(whole.get(site.weights)?.dims.length).toBe(site.rank)
    }
  },
)

test('a cut says what it must be fed', () => {
  const [graph] = whisperDecoder()
  const [self] = graph.self
  const [cross] = graph.cross
  const fed = (outputs: string[]) => writeCut(graph, work.path, [graph.hidden[0]!], outputs).inputs
  expect(fed([self!.query, self!.key])).toMatchObject([{ name: graph.hidden[0], shape: ['batch', 'step', 'width'] }])
  expect(fed([cross!.query, cross!.key]).map((input) => input.name)).toContain('encoder_hidden_states')
})

test('the weights are linked once, and the same question has the same file', () => {
  const { encoder } = openModel(shipped('ast'))
  const first = writeSkeleton(encoder, work.path, encoder.hidden)
  expect(writeSkeleton(encoder, work.path, encoder.hidden)).toBe(first)
  expect(writeSkeleton(encoder, work.path, [])).not.toBe(first)
  const weights = readdirSync(work.path).filter((name) => name.endsWith('.weights'))
  expect(weights).toHaveLength(1)
  const link = statSync(join(work.path, weights[0]!))
  if (link.dev === statSync(encoder.path).dev && link.nlink > 1) expect(link.ino).toBe(statSync(encoder.path).ino)
})

const memoryDisk = '/dev/shm'
test.skipIf(!existsSync(memoryDisk))('on another disk the weights are copied [needs /dev/shm]', async () => {
  const { encoder } = openModel(handMadeFolder(parent))
  using elsewhere = openWorkFolder(join(memoryDisk, `otoscope-test-${process.pid}`))
  const results = await runFile(writeSkeleton(encoder, elsewhere.path, encoder.hidden), {
    input_values: tensor([1, 4, width], noise(4 * width)),
  })
  expect(results.get(encoder.top)?.dims).toEqual([1, 4, width])
  rmSync(join(memoryDisk, `otoscope-test-${process.pid}`), { recursive: true })
})

test('a folder of links, as the hub caches models, works, external data included', async () => {
  const folder = handMadeFolder(parent)
  const feeds = { input_values: tensor([1, 4, width], noise(4 * width)) }
  const stockPath = join(folder, 'onnx', 'model.onnx')
  const plain = openModel(folder).encoder
  const expected = await runFile(writeSkeleton(plain, work.path, [plain.top]), feeds)
  const stock = new Uint8Array(readFileSync(stockPath))
  const graph = readGraph(sourceOf(stock))
  mkdirSync(join(parent, 'blobs'))
  renameSync(stockPath, join(parent, 'blobs', 'weights'))
  writeFileSync(
    join(parent, 'blobs', 'graph'),
    skeleton(graph, sourceOf(stock), { outputs: [], weightsFile: () => 'model.onnx_data' }),
  )
  symlinkSync(join(parent, 'blobs', 'graph'), stockPath)
  symlinkSync(join(parent, 'blobs', 'weights'), join(folder, 'onnx', 'model.onnx_data'))
  const linked = openModel(folder).encoder
  expect(linked.path).toBe(join(parent, 'blobs', 'graph'))
  const results = await runFile(writeSkeleton(linked, work.path, [linked.top]), feeds)
  expect(results.get(linked.top)?.data).toEqual(expected.get(plain.top)?.data)
})

test('a folder that is gone is named in the error', () => {
  const { encoder } = openModel(shipped('ast'))
  expect(() => writeSkeleton(encoder, join(parent, 'gone'), [])).toThrow(/cannot put a model skeleton into .*gone/)
})
