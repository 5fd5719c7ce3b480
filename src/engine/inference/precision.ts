import { RunOptions } from '../../contract/run.ts'
import { errorText } from '../../figures/provenance.ts'
import { openModel } from '../models/open.ts'
import type { Model, ModelGraph, Site } from '../models/model.ts'
import { writeSkeleton } from '../models/skeleton-file.ts'
import { largestDifference, relativeError } from './compare.ts'
import { promptTokens } from './decode-text.ts'
import { decoderFeeds } from './decoder-steps.ts'
import { createSession, type Feed, type Values } from './session.ts'

/** What a model's weights cost: the largest differences from its float32 graphs on the same sound. */
interface Cost {
  /** of hidden states, over the largest magnitude of the state it is in */
  hidden: number
  /** of attention weights */
  attention: number
}

interface Tools {
  work: string
  threads: number
  /** says how far it is, and hears of a cancel */
  step: () => Promise<void>
}

/** The model with the weights that a variant is compared with; null where it is float32 itself, or float32 is not there. */
export const exactOf = ({ card, folder }: Model): Model | null =>
  card.variant !== 'fp32' && card.variants.includes('fp32') ? openModel(folder, 'fp32') : null

/** What the weights cost, a sentence; null where there is nothing more exact to compare with. `feeds` are the encoder's. */
export const precisionOf = async (model: Model, feeds: Record<string, Feed>, tools: Tools): Promise<string | null> => {
  const exact = exactOf(model)
  if (!exact) return null
  const cost = { hidden: 0, attention: 0 }
  const encoded = await addCost(cost, exact.encoder, model.encoder, feeds, tools)
  if (exact.decoder && model.decoder) {
    const ids = promptTokens(model, RunOptions.parse({}))
    // both read the same states: what differs is the decoder's own
    await addCost(cost, exact.decoder, model.decoder, decoderFeeds(exact.decoder.graph.inputs, ids, 0, encoded), tools)
  }
  return `beside fp32, hidden states differ by ${errorText(cost.hidden)} of their largest magnitude, attention by ${errorText(cost.attention)}`
}

/** Adds what a graph differs by from the same graph in float32; answers what leaves the latter. */
const addCost = async (
  cost: Cost,
  exact: ModelGraph,
  variant: ModelGraph,
  feeds: Record<string, Feed>,
  { work, threads, step }: Tools,
): Promise<Values> => {
  const sessionOf = (graph: ModelGraph) => {
    const maps = sitesOf(graph).map((site) => site.weights)
    const taps = [...new Set([...graph.hidden, graph.top, ...maps])]
    return createSession(writeSkeleton(graph, work, taps), { provider: 'cpu', threads })
  }
  using a = await sessionOf(exact)
  using b = await sessionOf(variant)
  await step()
  const states = await a.run(feeds, [...new Set([...exact.hidden, exact.top])])
  const others = await b.run(feeds, variant.hidden)
  for (const [i, name] of exact.hidden.entries())
    cost.hidden = worse(cost.hidden, relativeError(states[name]!, others[variant.hidden[i]!]))
  for (const [i, site] of sitesOf(exact).entries()) {
    await step()
    const other = sitesOf(variant)[i]!
    // one map at a time: all of them together may be a gigabyte
    const own = (await a.run(feeds, [site.weights]))[site.weights]!
    cost.attention = worse(cost.attention, largestDifference(own, (await b.run(feeds, [other.weights]))[other.weights]))
  }
  return states[exact.top]!
}

const sitesOf = ({ self, cross }: ModelGraph): Site[] => [...self, ...cross]

/** A NaN is the worst there can be. */
const worse = (a: number, b: number): number => (Number.isNaN(b) ? Infinity : Math.max(a, b))
