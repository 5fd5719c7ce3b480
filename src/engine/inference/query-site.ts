import { EngineError } from '../../contract/errors.ts'
import type { Variant } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap, type Tap, type TapName } from '../../contract/tap.ts'
import type { OnnxValue } from '../../formats/onnx/graph.ts'
import { familyById } from '../models/families/families.ts'
import type { Model, ModelGraph, Site } from '../models/model.ts'
import { openModel } from '../models/open.ts'
import { writeCut } from '../models/skeleton-file.ts'
import { namingVariant } from '../models/variants.ts'
import type { Tensor } from '../../contract/tensor.ts'
import { inputOf, maskInput } from '../models/families/family.ts'
import { featuresFeed, maskFeed } from './encoder-feeds.ts'
import type { Store } from '../store/store.ts'
import { createSession, type Feed, type Values } from './session.ts'

/** An attention site of one run, ready to answer: its queries and keys per head, or its weights where they cannot be parted. */
export type Operands = { heads: number; queries: number; keys: number; bytes: number } & (
  { kind: 'scores'; width: number; query: Float32Array; key: Float32Array } | { kind: 'weights'; weights: Float32Array }
)

export interface SiteRequest {
  run: Run
  tap: TapName
  modelFolder: string
  modelVariant: Variant
}

/** Where a tap's attention is computed, and what its cut is fed. */
export interface FoundSite {
  model: Model
  graph: ModelGraph
  site: Site
  feed: (input: OnnxValue) => Feed
}

export interface CutOptions {
  workFolder: string
  threads: number
}

/** The site behind an attention tap. Throws `bad-input` for a tap that is no attention, `not-found` for a layer the model lacks. */
export const siteOf = (store: Store, { run, tap, modelFolder, modelVariant }: SiteRequest): FoundSite => {
  const model = openModel(modelFolder, modelVariant)
  const { graph, side, site } = findSite(model, tap)
  return { model, graph, site, feed: (input) => feedOf(store, run, model, { graph, side, input }) }
}

/**
 * Runs the sub-graph from the layer's stored hidden state to its queries and keys: with their weights left in the stock file that is a
 * few milliseconds.
 */
export const loadOperands = async ({ model, graph, site, feed }: FoundSite, options: CutOptions): Promise<Operands> =>
  operandsOf(graph, site, feed, options).catch((error: unknown) => {
    throw namingVariant(error, model.card)
  })

export const operandsOf = async (
  graph: ModelGraph,
  site: Site,
  feed: (input: OnnxValue) => Feed,
  options: CutOptions,
): Promise<Operands> => (await runCut({ graph, site, feed }, [], options)).operands

/**
 * The operands of a site and `others`, tensors of its layer, from its layer's hidden state and whatever else the cut asks `feed` for:
 * hidden states before it may be asked how long they are (WavLM's positions). A cross site's own hidden state lies within its layer:
 * its cut begins where the layer does.
 */
export const runCut = async (
  { graph, site, feed }: Omit<FoundSite, 'model'>,
  others: string[],
  { workFolder, threads }: CutOptions,
): Promise<{ operands: Operands; results: Record<string, Values> }> => {
  const outputs = [...new Set([...(site.added ? [site.weights] : [site.query, site.key]), ...others])]
  const cut = writeCut(graph, workFolder, graph.hidden.slice(0, site.layer + 1), outputs)
  const feeds = Object.fromEntries(cut.inputs.map((input) => [input.name, feed(input)]))
  using session = await createSession(cut.path, { provider: 'cpu', threads })
  const results = await session.run(feeds, outputs)
  const operands = site.added
    ? weightsOf(results[site.weights]!)
    : scoresOf(results[site.query]!, results[site.key]!, site.scale)
  return { operands, results }
}

const findSite = (model: Model, name: TapName): { graph: ModelGraph; side: 'encoder' | 'decoder'; site: Site } => {
  const tap = parseTap(name)
  if (tap?.kind !== 'attention' && tap?.kind !== 'cross')
    throw new EngineError('bad-input', `${name} is no attention: ask for encoder.attention.0, say`)
  const side = tap.kind === 'cross' ? 'decoder' : tap.side
  const graph = model[side]
  const sites = graph?.[tap.kind === 'cross' ? 'cross' : 'self'] ?? []
  const site = sites.find(({ layer }) => layer === tap.layer)
  if (!graph || !site) throw notFound(model, name, tap, sites.length)
  return { graph, side, site }
}

const notFound = (model: Model, name: TapName, tap: Tap, layers: number): EngineError => {
  const what =
    layers === 0 ? `no ${tap.kind === 'cross' ? 'cross-attention' : 'such attention'}` : `layers 0 … ${layers - 1}`
  return new EngineError('not-found', `${name} is not there: ${model.card.id} has ${what}`)
}

/** What a cut is fed, from the store; the batch dimension of 1 comes first again. */
const feedOf = (
  store: Store,
  run: Run,
  model: Model,
  { graph, side, input }: { graph: ModelGraph; side: 'encoder' | 'decoder'; input: OnnxValue },
): Feed => {
  const hidden = graph.hidden.indexOf(input.name)
  if (hidden >= 0) return stored(store, run, `${side}.hidden.${hidden}`)
  if (input.name === 'encoder_hidden_states') return stored(store, run, `encoder.hidden.${run.encoder.layers}`)
  if (input.name === 'input_ids') return stored(store, run, 'tokens')
  if (input.name === maskInput) return maskFeed(model, run.grids.features)
  if (input.name === inputOf(familyById[model.card.family], model.config)) {
    const features = store.tensor(run.id, 'features')
    return featuresFeed(model, features as Tensor)
  }
  throw new EngineError('bad-model', `the attention of ${model.card.id} depends on an input not known: ${input.name}`)
}

const stored = (store: Store, run: Run, tap: TapName): Feed => {
  const { dtype, shape, data } = store.tensor(run.id, tap)
  return { dtype, shape: [1, ...shape], data } as Feed
}

/** [batch, head, …] or, where the export flattens them, [batch · head, …]; the batch is 1. */
const perHead = ({ shape }: Values): [heads: number, rows: number, columns: number] => {
  const [heads = 0, rows = 0, columns = 0] = shape.slice(-3)
  return [heads, rows, columns]
}

const scoresOf = (query: Values, key: Values, scale: number): Operands => {
  const [heads, queries, width] = perHead(query)
  const [, , keys] = perHead(key)
  const scaled = scale === 1 ? query.data : query.data.map((value) => value * scale)
  const bytes = scaled.byteLength + key.data.byteLength
  return { kind: 'scores', heads, queries, keys, width, query: scaled, key: key.data, bytes }
}

const weightsOf = (weights: Values): Operands => {
  const [heads, queries, keys] = perHead(weights)
  return { kind: 'weights', heads, queries, keys, weights: weights.data, bytes: weights.data.byteLength }
}
