import { readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { afterAll, describe, expect, test } from 'vitest'
import { stepCount, timeOf } from '../../../src/contract/grid.ts'
import { encoderFeeds } from '../../../src/engine/inference/encoder-feeds.ts'
import { familyOf } from '../../../src/engine/models/families/families.ts'
import type { Model, ModelGraph, Site } from '../../../src/engine/models/model.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { writeCut, writeSkeleton } from '../../../src/engine/models/skeleton-file.ts'
import { openWorkFolder } from '../../../src/engine/work-folder.ts'
import { root } from '../../../src/engine/paths.ts'
import { decodeWavFrames, readWavLayout } from '../../../src/formats/wav.ts'
import { runFile, tokens } from '../../formats/onnx/build-model.ts'
import { floats, largestError, loadJson, loadTensors } from '../../golden/load.ts'
import { partOf } from '../../golden/parts.ts'
import { temporary } from './make-folder.ts'
import { softmaxOfScores } from './recompute.ts'

/** Every export variant against PyTorch's eager attention: within 1e-4, or 1e-5 of the tensor's largest magnitude. */

interface Goldens {
  models: { golden: string; folder: string; region: string }[]
  goldens: Record<
    string,
    {
      parameters: { total: number; encoder: number; decoder: number; head: number }
      runs: Record<string, string[]>
      arrays: Record<string, Record<string, { shape: number[]; largest: number }>>
    }
  >
}

const goldenFolder = join(root, 'tests', 'golden')
const { models, goldens } = loadJson<Goldens>(join(goldenFolder, 'goldens.json'))
const expected = loadTensors(join(goldenFolder, 'goldens.safetensors'))
const variants = models.filter((model) => model.folder.startsWith('tests/'))

const parent = temporary()
const work = openWorkFolder(parent)
afterAll(() => rmSync(parent, { recursive: true }))

const clip = (seconds: number): Float32Array => {
  const bytes = readFileSync(join(goldenFolder, 'clip.wav'))
  const layout = readWavLayout((at, length) => bytes.subarray(at, at + length), bytes.length)
  const data = bytes.subarray(layout.dataStart, layout.dataStart + layout.frames * layout.frameBytes)
  return decodeWavFrames(layout, data)[0]!.slice(0, seconds * layout.rate)
}

const features = (model: Model, region: string): Record<string, Tensor> => {
  const family = familyOf(String(model.config['model_type']))!
  const samples = clip(Number(region.split(':')[1]))
  const { features } = family.grids(samples.length, 0, model.preprocessor, model.config)
  const feeds = encoderFeeds(model, family.features(samples, model.preprocessor), features)
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, data, shape }]) => [name, new Tensor(dtype, data, shape)]),
  )
}

/** Checks every kept part of the golden array. */
const check = (golden: string, run: string, name: string, data: Float32Array): void => {
  const { shape, largest } = goldens[golden]!.arrays[run]![name]!
  const keys = [...expected.keys()].filter((key) => key.startsWith(`${golden}/${run}/${name}#`))
  expect(keys.length, name).toBeGreaterThan(0)
  for (const key of keys) {
    const part = partOf({ shape, data }, key.split('#')[1]!)
    expect(largestError(part, floats(expected, key)), key).toBeLessThan(Math.max(1e-4, 1e-5 * largest))
  }
}

const exposed = (graph: ModelGraph, feeds: Record<string, Tensor>) => {
  const sites = [...graph.self, ...graph.cross].flatMap((site) => [site.weights, site.query, site.key])
  return runFile(writeSkeleton(graph, work.path, [...graph.hidden, ...sites]), feeds)
}
type Results = Awaited<ReturnType<typeof exposed>>

const checkCut = async (
  graph: ModelGraph,
  site: Site,
  whole: Results,
  feeds: Record<string, Tensor>,
): Promise<void> => {
  const made = writeCut(
    graph,
    work.path,
    graph.hidden.slice(0, site.layer + 1),
    site.added ? [site.weights] : [site.query, site.key],
  )
  const needed = made.inputs.map(({ name }): [string, Tensor] => [name, whole.get(name) ?? feeds[name]!])
  const results = await runFile(made.path, Object.fromEntries(needed))
  const weights = site.added
    ? results.get(site.weights)!.data
    : softmaxOfScores(results.get(site.query)!, results.get(site.key)!, site)
  expect(largestError(weights, whole.get(site.weights)!.data), `cut ${site.kind} ${site.layer}`).toBeLessThan(1e-5)
}

const checkGraph = async (
  graph: ModelGraph,
  feeds: Record<string, Tensor>,
  golden: string,
  run: string,
  side: string,
): Promise<Results> => {
  const results = await exposed(graph, feeds)
  for (const [i, name] of graph.hidden.entries()) check(golden, run, `${side}.hidden.${i}`, results.get(name)!.data)
  for (const { layer, weights } of graph.self)
    check(golden, run, `${side}.attention.${layer}`, results.get(weights)!.data)
  for (const { layer, weights } of graph.cross)
    check(golden, run, `cross.attention.${layer}`, results.get(weights)!.data)
  for (const site of [...graph.self, ...graph.cross]) await checkCut(graph, site, results, feeds)
  if (results.has('logits')) check(golden, run, 'logits', results.get('logits')!.data)
  return results
}

/**
 * What some exporters leave in a graph: a weight norm's magnitudes; an instance norm's ones and zeros, which it has in a group norm's place;
 * zeros where Whisper's keys have no bias, which fused attention needs.
 */
const unfolded: Record<string, { encoder: number; decoder?: number }> = {
  'wav2vec2-sdpa-20': { encoder: 128 },
  'wav2vec2-dynamo-18': { encoder: 16 },
  'whisper-fused-17': { encoder: 2 * 16, decoder: 3 * 2 * 16 },
}

describe.each(variants)('$folder', ({ golden, folder, region }) => {
  const model = openModel(join(root, folder))

  test('hidden states, attention and logits equal PyTorch’s, whole and by cuts', async () => {
    const encoded = await checkGraph(model.encoder, features(model, region), golden, 'encoder', 'encoder')
    if (!model.decoder) return
    const ids = goldens[golden]!.runs['forced']![1]!.split(',').map(Number)
    const feeds = { input_ids: tokens(ids), encoder_hidden_states: encoded.get(model.encoder.top)! }
    const decoded = await checkGraph(model.decoder, feeds, golden, 'forced', 'decoder')
    await checkPast(model.decoderWithPast!, ids, decoded, feeds, model.decoder)
  })

  test('parameters and positions are PyTorch’s', () => {
    const { total, encoder, decoder, head } = goldens[golden]!.parameters
    const more = { encoder: 0, decoder: 0, ...unfolded[basename(folder)] }
    expect(model.inspection.parameters).toEqual({
      total: total + more.encoder + more.decoder,
      encoder: encoder + more.encoder,
      decoder: decoder + more.decoder,
      head,
    })
    const family = familyOf(String(model.config['model_type']))!
    const samples = Math.round(16000 * Number(region.split(':')[1]))
    const grid = family.grids(samples, 0, model.preprocessor, model.config).encoder
    const steps = goldens[golden]!.arrays['encoder']!['encoder.hidden.0']!.shape[0]
    expect(stepCount(grid)).toBe(steps)
    expect(model.inspection.stepMs).toBeCloseTo(timeOf(grid).step * 1000, 6)
    if (model.card.maxSeconds !== null) expect(model.inspection.positions).toBe(steps)
  })
})

/** One cached step gives the last row of what the whole sequence gave. */
const checkPast = async (
  graph: ModelGraph,
  ids: number[],
  whole: Results,
  feeds: Record<string, Tensor>,
  plain: ModelGraph,
): Promise<void> => {
  const before = await runFile(writeSkeleton(plain, work.path, []), { ...feeds, input_ids: tokens(ids.slice(0, -1)) })
  const past = [...before].flatMap(([name, value]): [string, Tensor][] =>
    name.startsWith('present') ? [[name.replace('present', 'past_key_values'), value]] : [],
  )
  const results = await exposed(graph, { ...Object.fromEntries(past), input_ids: tokens(ids.slice(-1)) })
  const sites = (g: ModelGraph) => [...g.self, ...g.cross].map((site) => site.weights)
  for (const [i, name] of [...graph.hidden, ...sites(graph)].entries()) {
    const { data, dims } = results.get(name)!
    const all = whole.get([...plain.hidden, ...sites(plain)][i]!)!
    const last = dims.at(-1)!
    const rows = ids.length
    // the last row of each head (hidden states have one)
    const heads = Array.from({ length: all.data.length / rows / last }, (_, h) =>
      Array.from(all.data.slice(((h + 1) * rows - 1) * last, (h + 1) * rows * last)),
    )
    expect(largestError(data, heads.flat()), name).toBeLessThan(1e-4)
  }
}
