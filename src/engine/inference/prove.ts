import { join } from 'node:path'
import { setImmediate as macrotask } from 'node:timers/promises'
import { outputOf, stepCount } from '../../contract/grid.ts'
import type { ProveInput } from '../../contract/inference.ts'
import type { ModelProof, Proof } from '../../contract/proof.ts'
import { RunOptions } from '../../contract/run.ts'
import { errorText } from '../../figures/provenance.ts'
import type { OnnxValue } from '../../formats/onnx/graph.ts'
import { modelRate } from '../models/families/config-number.ts'
import { proofSamples } from '../estimate/estimate-proof.ts'
import { familyById } from '../models/families/families.ts'
import type { Model, ModelGraph, Site } from '../models/model.ts'
import { openModel } from '../models/open.ts'
import { writeSkeleton } from '../models/skeleton-file.ts'
import { openWorkFolder } from '../work-folder.ts'
import { parityLimit, relativeError } from './compare.ts'
import { decoderFeeds } from './decoder-steps.ts'
import { encoderFeeds } from './encoder-feeds.ts'
import { createKernel, type Kernel } from './kernel.ts'
import { eachBlock } from './query-map.ts'
import { operandsOf } from './query-site.ts'
import { exactOf, precisionOf } from './precision.ts'
import { createSession, type Feed, type Values } from './session.ts'
import { promptTokens, type Progress } from './decode-text.ts'
import { makeRoom } from './warm.ts'

/** Largest distances of the graphs seen so far; names say where. */
interface Worst {
  outputs: Named
  rows: Named
  recomputed: Named
}
interface Named {
  error: number
  name: string
}

const rowLimit = 1e-3

/**
 * Tries a model's taps on a short sound: that its outputs stay what they are when taps are exposed, that every row of attention sums to 1,
 * that attention recomputed from hidden states is the graph's own, and that its steps are as many as its time axis has. Throws
 * `bad-model` where the graph does not run at all.
 */
export const proveModel = async (input: ProveInput, storeFolder: string, progress: Progress): Promise<ModelProof> => {
  const model = openModel(input.modelFolder, input.modelVariant)
  makeRoom(input.memory)
  const family = familyById[model.card.family]
  const samples = testSound(model)
  const grids = family.grids(samples.length, 0, model.preprocessor, model.config)
  const feeds = encoderFeeds(model, family.features(samples, model.preprocessor), grids.features)
  using work = openWorkFolder(join(storeFolder, 'work'))
  using kernel = await createKernel(input.threads)
  const tools = { work: work.path, threads: input.threads, kernel, step: stepper(model, progress) }
  const none = (): Named => ({ error: 0, name: '' })
  const worst: Worst = { outputs: none(), rows: none(), recomputed: none() }
  const encoded = await proveGraph(model.encoder, feeds, 'encoder', worst, tools)
  if (model.decoder) {
    const ids = promptTokens(model, RunOptions.parse({}))
    const given = decoderFeeds(model.decoder.graph.inputs, ids, 0, encoded[model.encoder.top] as Values)
    await proveGraph(model.decoder, given, 'decoder', worst, tools)
  }
  const precision = await precisionOf(model, feeds, tools)
  const steps = (encoded[model.encoder.hidden[0] ?? ''] as Values).shape[1] ?? 0
  const limit = parityLimit(model)
  return {
    model: input.modelHash,
    proofs: [
      near('outputs', worst.outputs, limit, 'outputs with taps differ from those without by'),
      near('rows', worst.rows, rowLimit, 'rows of attention sum to 1 within'),
      near(
        'recomputed',
        worst.recomputed,
        limit,
        'attention recomputed from hidden states differs from the graph’s own by',
      ),
      sameSteps(steps, stepCount(grids.encoder), ctcRows(model, encoded), outputOf(grids).count),
    ],
    precision,
    at: new Date().toISOString(),
  }
}

const near = (name: Proof['name'], { error, name: place }: Named, limit: number, what: string): Proof => ({
  name,
  passed: error <= limit,
  sentence: `${what} ${errorText(error)}${place && ` (${place})`}, and ${errorText(limit)} is allowed`,
})

/** Rows of a CTC head; null without one. */
const ctcRows = ({ card, logits }: Model, results: Record<string, Values>): number | null =>
  card.type === 'ctc' && logits !== null ? (results[logits]?.shape[1] ?? 0) : null

const sameSteps = (steps: number, expected: number, rows: number | null, expectedRows: number): Proof => {
  const isHeadsFault = steps === expected && rows !== null && rows !== expectedRows
  const head = isHeadsFault ? `; its head gives ${rows} rows, and their time axis has ${expectedRows}` : ''
  return {
    name: 'steps',
    passed: steps === expected && !isHeadsFault,
    sentence: `the encoder makes ${steps} steps of the sound, and its time axis has ${expected}${head}`,
  }
}

/** A tone that rises, and clicks. */
const testSound = (model: Model): Float32Array => {
  const rate = modelRate(model.preprocessor)
  return Float32Array.from({ length: proofSamples(model) }, (_, n) => {
    const t = n / rate
    return 0.2 * Math.sin(2 * Math.PI * (150 * t + 300 * t * t)) + (n % 4000 === 2000 ? 0.5 : 0)
  })
}

interface Tools {
  work: string
  threads: number
  kernel: Kernel
  step: () => Promise<void>
}

const stepper = (model: Model, { part, signal }: Progress): (() => Promise<void>) => {
  const graphs = [model.encoder, ...(model.decoder ? [model.decoder] : [])]
  const once = graphs.reduce((n, { self, cross }) => n + 1 + self.length + cross.length, 0)
  const total = exactOf(model) ? 2 * once : once
  let done = 0
  return async () => {
    part({ stage: 'prove', done: done++, total })
    await macrotask()
    signal.throwIfAborted()
  }
}

/** Runs a graph without and with its taps, and each site's cut. Answers the hidden states and outputs. */
const proveGraph = async (
  graph: ModelGraph,
  feeds: Record<string, Feed>,
  side: 'encoder' | 'decoder',
  worst: Worst,
  { work, threads, kernel, step }: Tools,
): Promise<Record<string, Values>> => {
  await step()
  const cpu = { provider: 'cpu', threads } as const
  const stock = graph.graph.outputs.map((output) => output.name)
  const plain = await runOnce(writeSkeleton(graph, work, []), feeds, stock, cpu)
  const sites = [...graph.self, ...graph.cross]
  const states = [...new Set([...graph.hidden, graph.top])]
  using tapped = await createSession(writeSkeleton(graph, work, [...states, ...sites.map((site) => site.weights)]), cpu)
  const results = await tapped.run(feeds, [...new Set([...stock, ...states])])
  for (const name of stock) note(worst.outputs, relativeError(plain[name]!, results[name]), `${side}: ${name}`)
  for (const site of sites) {
    await step()
    // one map at a time: all of them together may be a gigabyte
    const own = (await tapped.run(feeds, [site.weights]))[site.weights]!
    const name = `${site.kind === 'cross' ? 'cross' : side}.attention.${site.layer}`
    note(worst.rows, rowError(own), name)
    const feed = ({ name }: OnnxValue): Feed => results[name] ?? feeds[name]!
    note(worst.recomputed, await recomputedError(graph, site, feed, own, { work, threads, kernel }), name)
  }
  return results
}

const runOnce = async (
  path: string,
  feeds: Record<string, Feed>,
  outputs: string[],
  options: { provider: 'cpu'; threads: number },
) => {
  using session = await createSession(path, options)
  return await session.run(feeds, outputs)
}

/** A NaN stays the worst there can be. */
const note = (worst: Named, error: number, name: string): void => {
  if (error <= worst.error) return
  worst.error = Number.isNaN(error) ? Infinity : error
  worst.name = name
}

const rowError = ({ data, shape }: Values): number => {
  const keys = shape.at(-1) ?? 1
  let worst = 0
  for (let at = 0; at < data.length; at += keys) {
    let sum = 0
    for (let key = at; key < at + keys; key++) sum += data[key]!
    const error = Math.abs(sum - 1)
    if (!(error <= worst)) worst = error
  }
  return worst
}

const recomputedError = async (
  graph: ModelGraph,
  site: Site,
  feed: (input: OnnxValue) => Feed,
  own: Values,
  { work, threads, kernel }: Omit<Tools, 'step'>,
): Promise<number> => {
  const operands = await operandsOf(graph, site, feed, { workFolder: work, threads })
  const { heads, queries, keys } = operands
  if (heads * queries * keys !== own.data.length) return Infinity
  let worst = 0
  for (let head = 0; head < heads; head++)
    await eachBlock(kernel, operands, head, [0, queries], (weights, row) => {
      const from = (head * queries + row) * keys
      for (let i = 0; i < weights.length; i++) {
        const error = Math.abs(weights[i]! - own.data[from + i]!)
        if (!(error <= worst)) worst = error
      }
    })
  return worst
}
