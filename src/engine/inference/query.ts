import type { AttentionMetrics } from '../../contract/engine.ts'
import type { Handlers } from '../../contract/contract.ts'
import type { inference } from '../../contract/inference.ts'
import type { Variant } from '../../contract/model.ts'
import type { Range } from '../../contract/tensor.ts'
import type { Store } from '../store/store.ts'
import { attentionLine, attentionMap, attentionValues, weightsOf } from './query-answers.ts'
import { createCache } from './query-cache.ts'
import { attentionDifference, type DifferenceSide } from './query-difference.ts'
import { layerMetrics, layersOf, type LayerMetrics } from './query-metrics.ts'
import { createSites } from './query-open.ts'
import { attentionPatches } from './query-patches.ts'
import { wordsOf } from './query-words.ts'

type Answers = Pick<
  Handlers<typeof inference>,
  | 'attention'
  | 'attentionDifference'
  | 'attentionLine'
  | 'attentionPatches'
  | 'attentionMetrics'
  | 'attentionValues'
  | 'words'
>

/** Numbers of heads: a kilobyte a layer. */
const metricBytes = 8e6

/** Answers about attention, recomputed from stored hidden states. */
export const createQueries = (store: () => Store, threads: number): Answers & { close(): void } => {
  const sites = createSites(store, threads)
  const metrics = createCache<LayerMetrics>(metricBytes)

  return {
    attention: async (input, asker) => attentionMap(await sites.rows(input, input.weights, asker), input, asker.signal),
    attentionDifference: async ({ a, b, tap, head, modelFolder, variantA, variantB, ...wanted }, { signal }) => {
      const heads = typeof head === 'number' ? [head] : head
      const side = async (run: string, modelVariant: Variant): Promise<DifferenceSide> => {
        const opened = await sites.rows({ run, tap, heads, modelFolder, modelVariant }, 'raw', {
          signal,
          part: () => {},
        })
        const weights = (rows: Range) => weightsOf(opened, heads, rows, signal)
        return { run: sites.runOf(run), axes: opened.axes, weights }
      }
      return attentionDifference(await side(a, variantA), await side(b, variantB), wanted)
    },
    attentionLine: async (input, asker) =>
      attentionLine(await sites.rows(input, input.weights, asker), input, asker.signal),
    attentionPatches: async (input, { signal }) => attentionPatches(await sites.site(input), input, signal),
    // a layer once begun is finished and kept: somebody else may wait for it, or ask again
    attentionMetrics: async ({ run: id, kind, ...place }, { signal, part }) => {
      const taps = layersOf(sites.runOf(id), kind)
      const layers: AttentionMetrics['layers'] = []
      for (const { layer, tap } of taps) {
        signal.throwIfAborted()
        part({ done: layers.length, total: taps.length })
        const make = async (): Promise<LayerMetrics> => layerMetrics(await sites.site({ run: id, tap, ...place }))
        const { heads } = await metrics.of(`${id} ${tap}`, make)
        layers.push({ layer, heads })
      }
      return { layers }
    },
    attentionValues: async (input, { signal }) => attentionValues(await sites.site(input), input, signal),
    words: async ({ run: id, ...place }, { signal }) => wordsOf(sites.runOf(id), place, sites.site, signal),
    close: () => {
      metrics.clear()
      sites.close()
    },
  }
}
