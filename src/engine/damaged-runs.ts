import type { Client } from '../contract/contract.ts'
import { EngineError } from '../contract/errors.ts'
import type { inference } from '../contract/inference.ts'
import type { Store } from './store/store.ts'

/** A run with a damaged tensor is forgotten as soon as that is seen: starting it again would only find it once more. */

const forgetIfDamaged = (store: Store, error: unknown): void => {
  if (error instanceof EngineError && error.detail['damaged'] === true) store.deleteRun(String(error.detail['run']))
}

export const forgettingStore = (store: Store): Store => ({
  ...store,
  tensor: (run, tap, rows) => {
    try {
      return store.tensor(run, tap, rows)
    } catch (error) {
      forgetIfDamaged(store, error)
      throw error
    }
  },
})

type Inference = Client<typeof inference>

/** The query process only reads: what it finds damaged is forgotten here. */
export const forgettingQueries = (queries: Inference, store: Store): Inference => {
  const forget = (error: unknown): never => {
    forgetIfDamaged(store, error)
    throw error
  }
  return {
    ...queries,
    attention: (input, options) => queries.attention(input, options).catch(forget),
    attentionLine: (input, options) => queries.attentionLine(input, options).catch(forget),
    attentionPatches: (input, options) => queries.attentionPatches(input, options).catch(forget),
    attentionMetrics: (input, options) => queries.attentionMetrics(input, options).catch(forget),
    attentionValues: (input, options) => queries.attentionValues(input, options).catch(forget),
    layerSimilarity: (input, options) => queries.layerSimilarity(input, options).catch(forget),
    trajectory: (input, options) => queries.trajectory(input, options).catch(forget),
    attentionDifference: (input, options) => queries.attentionDifference(input, options).catch(forget),
    layerDifferences: (input, options) => queries.layerDifferences(input, options).catch(forget),
  }
}
