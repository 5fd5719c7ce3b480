import type { CompareProgress, LayerDifference, LayerDifferences } from '../../contract/compare.ts'
import type { LayerSimilarity, Trajectory } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Handlers } from '../../contract/contract.ts'
import { isPatchGrid, timeOf } from '../../contract/grid.ts'
import type { inference } from '../../contract/inference.ts'
import type { Stack } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import type { Side } from '../../contract/tap.ts'
import { pairSteps, pairTokens } from '../analysis/common-steps.ts'
import { relativeDifference, unlikeness } from '../analysis/layer-difference.ts'
import { linearCka, meanCosine } from '../analysis/layer-similarity.ts'
import { principalComponents } from '../analysis/pca.ts'
import { validStates } from '../analysis/valid-states.ts'
import { createPace } from '../pace.ts'
import type { Store } from '../store/store.ts'
import { createRowProducts } from './row-products.ts'

type Answers = Pick<Handlers<typeof inference>, 'layerDifferences' | 'layerSimilarity' | 'trajectory'>
type Input<Name extends keyof Answers> = Parameters<Answers[Name]>[0]

/** A few kilobytes each. */
const mostKept = 64

/** Answers about the layers of a run, computed from its stored hidden states in slices; the last ones are kept. */
export const createLayerQueries = (store: () => Store, threads: number): Answers & { close(): void } => {
  const similarities = createMemory<LayerSimilarity>()
  const trajectories = createMemory<Trajectory>()
  const differences = createMemory<LayerDifferences>()
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

  const differ = async (
    { a, b, offset, side }: Input<'layerDifferences'>,
    signal: AbortSignal,
    part: (progress: CompareProgress) => void,
  ): Promise<LayerDifferences> => {
    const [ofA, ofB] = [open(a, side), open(b, side)]
    const { layers: last, width } = ofA.stack
    if (ofB.stack.layers !== last || ofB.stack.width !== width)
      throw new EngineError('bad-input', `${ofA.run.model.id} and ${ofB.run.model.id} are not of one shape`)
    const pace = createPace(signal)
    const layers: LayerDifference[] = []
    let steps = 0
    for (let layer = 0; layer <= last; layer++) {
      part({ done: layer, total: last + 1 })
      await pace()
      const states = [ofA, ofB].map(({ run }) => validStates(store(), run, { side, layer, folded: true }))
      const [statesA, statesB] = states as [Float32Array, Float32Array]
      const pairs =
        side === 'encoder'
          ? pairSteps(timeOf(ofA.run.grids.encoder), timeOf(ofB.run.grids.encoder), offset)
          : pairTokens(statesA.length / width, statesB.length / width)
      const common = statesA.subarray(pairs.steps[0] * width, pairs.steps[1] * width)
      const partners = new Float32Array(common.length)
      for (let step = pairs.steps[0]; step < pairs.steps[1]; step++) {
        const from = pairs.partner(step) * width
        partners.set(statesB.subarray(from, from + width), (step - pairs.steps[0]) * width)
      }
      steps = pairs.steps[1] - pairs.steps[0]
      const unlike = await unlikeness(common, partners, width, await loadProducts(), pace)
      layers.push({ layer, unlike, difference: relativeDifference(common, partners) })
    }
    return { layers, steps, width }
  }

  return {
    layerDifferences: (input, { signal, part }) =>
      differences.of(JSON.stringify(input), () => differ(input, signal, part)),
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
