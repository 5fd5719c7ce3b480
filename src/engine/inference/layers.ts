import type { LayerSimilarity, Trajectory } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Handlers } from '../../contract/contract.ts'
import { isPatchGrid, timeOf } from '../../contract/grid.ts'
import type { inference } from '../../contract/inference.ts'
import type { Stack } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import type { Side } from '../../contract/tap.ts'
import { linearCka, meanCosine } from '../analysis/layer-similarity.ts'
import { principalComponents } from '../analysis/pca.ts'
import { validStates } from '../analysis/valid-states.ts'
import { createPace } from '../pace.ts'
import type { Store } from '../store/store.ts'
import { createRowProducts } from './row-products.ts'

type Answers = Pick<Handlers<typeof inference>, 'layerSimilarity' | 'trajectory'>
type Input<Name extends keyof Answers> = Parameters<Answers[Name]>[0]

/** A few kilobytes each. */
const mostKept = 64

/** Answers about the layers of a run, computed from its stored hidden states in slices; the last ones are kept. */
export const createLayerQueries = (store: () => Store, threads: number): Answers & { close(): void } => {
  const similarities = createMemory<LayerSimilarity>()
  const trajectories = createMemory<Trajectory>()
  let products: ReturnType<typeof createRowProducts> | undefined

  const loadProducts = async () => {
    products ??= createRowProducts(threads)
    // one that failed is not kept: the next question tries again
    products.catch(() => (products = undefined))
    return (await products).of
  }
  const open = (id: string, side: Side): { run: Run; stack: Stack } => {
    const run = store().findRun(id)
    if (!run) throw new EngineError('not-found', 'this run is no longer in the store: run the model again')
    const stack = run[side]
    if (!stack) throw new EngineError('bad-input', `${run.model.id} has no ${side}`)
    return { run, stack }
  }

  const compare = async ({ run: id, side, measure }: Input<'layerSimilarity'>, signal: AbortSignal) => {
    const { run, stack } = open(id, side)
    const pace = createPace(signal)
    let count = 0
    const read = function* (): Generator<Float32Array> {
      for (let layer = 0; layer <= stack.layers; layer++) {
        const states = validStates(store(), run, { side, layer, folded: false })
        count = states.length / stack.width
        yield states
      }
    }
    const layers = { matrices: read(), width: stack.width }
    const values =
      measure === 'cosine' ? await meanCosine(layers, pace) : await linearCka(layers, await loadProducts(), pace)
    const kind = side === 'decoder' ? 'tokens' : isPatchGrid(run.grids.encoder) ? 'patches' : 'steps'
    return { measure, values, states: stack.layers + 1, samples: { kind, count } as const, width: stack.width }
  }

  const project = async ({ run: id, side, layer }: Input<'trajectory'>, signal: AbortSignal): Promise<Trajectory> => {
    const { run, stack } = open(id, side)
    const states = validStates(store(), run, { side, layer, folded: true })
    const found = await principalComponents(states, stack.width, await loadProducts(), createPace(signal))
    const grid = side === 'encoder' ? timeOf(run.grids.encoder) : null
    return { ...found, grid, width: stack.width }
  }

  return {
    layerSimilarity: (input, { signal }) => similarities.of(JSON.stringify(input), () => compare(input, signal)),
    trajectory: (input, { signal }) => trajectories.of(JSON.stringify(input), () => project(input, signal)),
    close: () => {
      products?.then((opened) => opened[Symbol.dispose]()).catch(() => {})
    },
  }
}

/** The answers asked for last. Who asks at the same time computes too: each may be cancelled alone. */
const createMemory = <Answer>() => {
  const kept = new Map<string, Answer>()
  return {
    of: async (key: string, make: () => Promise<Answer>): Promise<Answer> => {
      const answer = kept.get(key) ?? (await make())
      kept.delete(key)
      kept.set(key, answer)
      if (kept.size > mostKept) kept.delete(kept.keys().next().value!)
      return answer
    },
  }
}
