import { EngineError } from '../../contract/errors.ts'
import type { AttentionProgress } from '../../contract/engine.ts'
import { headReducer } from '../analysis/head-reducer.ts'
import { rolledOut, type MatrixProduct } from '../analysis/rollout.ts'
import { createPace } from '../pace.ts'
import { createCache } from './query-cache.ts'
import { createSession, type Session } from './session.ts'
import { smallGraph } from './small-graph.ts'
import type { WeightRows } from './weight-rows.ts'

/** Rollouts that are kept: some 14 layers of a 30 s clip. */
const cacheBytes = 128e6

interface Rollout {
  /** [query, key] */
  data: Float32Array
  bytes: number
}

interface Wanted {
  /** of which rollouts there is one a layer: a run's encoder, say */
  stack: string
  layer: number
  /** a layer's weights as the model has them */
  rowsOf: (layer: number) => Promise<WeightRows>
}

interface Asker {
  signal: AbortSignal
  part: (progress: AttentionProgress) => void
}

/**
 * Rollouts by layer, each made of the one below. Whoever asks for one on its way hears of its progress and waits for it too; it ends
 * before the next layer once nobody waits any more, and what was done is kept.
 */
export const createRollouts = (threads: number) => {
  const cache = createCache<Rollout>(cacheBytes)
  const waiting = new Map<string, Set<Asker>>()
  let session: Promise<Session> | undefined

  // one that failed is not kept: the next question tries again
  const loadSession = (): Promise<Session> =>
    (session ??= createSession(productBytes(), { provider: 'cpu', threads }).catch((error: unknown) => {
      session = undefined
      throw error
    }))
  const product: MatrixProduct = async (rows, matrix, inner) => {
    const feed = (data: Float32Array, width: number) => ({
      dtype: 'float32' as const,
      shape: [data.length / width, width],
      data,
    })
    const run = await (
      await loadSession()
    ).run({ rows: feed(rows, inner), matrix: feed(matrix, matrix.length / inner) })
    return run['product']!.data
  }

  const say = (stack: string, done: number, total: number): void => {
    const askers = [...(waiting.get(stack) ?? [])].filter(({ signal }) => !signal.aborted)
    if (askers.length === 0) throw new EngineError('cancelled', 'cancelled')
    for (const { part } of askers) part({ done, total })
  }

  const layerOf = ({ stack, layer, rowsOf }: Wanted, total: number): Promise<Rollout> =>
    cache.of(`${stack} ${layer}`, async () => {
      const below = layer > 0 ? await layerOf({ stack, layer: layer - 1, rowsOf }, total) : null
      say(stack, layer, total)
      const mean = await meanOf(await rowsOf(layer))
      const data = await rolledOut(mean, below?.data ?? null, product, createPace())
      return { data, bytes: data.byteLength }
    })

  return {
    /** [query, key] up to and with `layer`. */
    of: async (wanted: Wanted, asker: Asker): Promise<Float32Array> => {
      const askers = waiting.get(wanted.stack) ?? new Set()
      waiting.set(wanted.stack, askers.add(asker))
      try {
        return (await layerOf(wanted, wanted.layer + 1)).data
      } finally {
        askers.delete(asker)
        if (askers.size === 0) waiting.delete(wanted.stack)
      }
    },
    close: (): void => {
      cache.clear()
      session?.then((opened) => opened.release()).catch(() => {})
    },
  }
}

/** rows [row, inner] × matrix [inner, column] */
const productBytes = (): Uint8Array =>
  smallGraph([{ operation: 'MatMul', inputs: ['rows', 'matrix'], output: 'product' }], ['rows', 'matrix'], 'product')

/** [query, key], the mean over all heads. */
const meanOf = async (rows: WeightRows): Promise<Float32Array> => {
  const pace = createPace()
  const mean = headReducer('mean', rows.heads)
  for (let head = 0; head < rows.heads; head++) {
    const map = new Float32Array(rows.queries * rows.keys)
    await rows.of(head, [0, rows.queries], (weights, row) => map.set(weights, row * rows.keys))
    mean.add(map)
    await pace()
  }
  return mean.result()
}
