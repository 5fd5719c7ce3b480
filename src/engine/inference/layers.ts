import type { CompareProgress, LayerDifference, LayerDifferences } from '../../contract/compare.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Handlers } from '../../contract/contract.ts'
import { timeOf } from '../../contract/grid.ts'
import type { LayerSizes, LayerSimilarity, Trajectory } from '../../contract/hidden.ts'
import type { inference } from '../../contract/inference.ts'
import type { Stack } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap, type Side } from '../../contract/tap.ts'
import { pairSteps, pairTokens } from '../analysis/common-steps.ts'
import { orderBySimilarity, orderByVariance } from '../analysis/dimension-order.ts'
import { relativeDifference, unlikeness } from '../analysis/layer-difference.ts'
import { principalComponents, projected } from '../analysis/pca.ts'
import { validStates } from '../analysis/valid-states.ts'
import { createPace } from '../pace.ts'
import { runGone } from '../store/run-gone.ts'
import type { Store } from '../store/store.ts'
import { compareLayers } from './compare-layers.ts'
import { createRowProducts } from './row-products.ts'
import { createShared } from './shared.ts'

type Answers = Pick<
  Handlers<typeof inference>,
  'layerDifferences' | 'layerSimilarity' | 'trajectory' | 'dimensionOrder' | 'layerSizes'
>
type Input<Name extends keyof Answers> = Parameters<Answers[Name]>[0]

/** A few kilobytes each. */
const mostKept = 64

/** Answers about the layers of a run, computed from its stored hidden states in slices; the last ones are kept. */
export const createLayerQueries = (store: () => Store, threads: number): Answers & { close(): void } => {
  const similarities = createShared<LayerSimilarity>(mostKept)
  const trajectories = createShared<Trajectory>(mostKept)
  const orders = createShared<Int32Array>(mostKept)
  const sizes = createShared<LayerSizes>(mostKept)
  const differences = createShared<LayerDifferences>(mostKept)
  let opening: ReturnType<typeof createRowProducts> | undefined

  const products = async () => {
    opening ??= createRowProducts(threads)
    // one that failed is not kept: the next question tries again
    opening.catch(() => (opening = undefined))
    return (await opening).of
  }
  const open = (id: string, side: Side): { run: Run; stack: Stack } => {
    const run = store().findRun(id)
    if (!run) throw runGone(id)
    const stack = run[side]
    if (!stack) throw new EngineError('bad-input', `${run.model.id} has no ${side}`)
    return { run, stack }
  }

  const compare = ({ run, side, measure, with: other }: Input<'layerSimilarity'>, signal: AbortSignal) => {
    const means = { store: store(), products, pace: createPace(signal) }
    const parts = { own: open(run, side), other: other === undefined || other === run ? null : open(other, side) }
    return compareLayers({ side, measure, ...parts }, means)
  }

  const project = async (input: Input<'trajectory'>, signal: AbortSignal): Promise<Trajectory> => {
    const { run: id, side, layer } = input
    const { run, stack } = open(id, side)
    const { width } = stack
    const wanted = { side, layer, folded: true }
    const beside = input.with === undefined ? null : open(input.with, side).run
    if (beside && beside.model.hash !== run.model.hash)
      throw new EngineError('bad-input', 'two models have no plane in common')
    const states = validStates(store(), run, wanted)
    const found = await principalComponents(states, width, await products(), createPace(signal))
    const gridOf = ({ grids }: Run) => (side === 'encoder' ? timeOf(grids.encoder) : null)
    const other = beside && {
      points: projected(validStates(store(), beside, wanted), states, found.points, width),
      grid: gridOf(beside),
    }
    return { ...found, grid: gridOf(run), width, other }
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
      const unlike = await unlikeness(common, partners, width, await products(), pace)
      layers.push({ layer, unlike, difference: relativeDifference(common, partners) })
    }
    return { layers, steps, width }
  }

  const inOrder = async ({ run: id, tap, order }: Input<'dimensionOrder'>, signal: AbortSignal) => {
    const parsed = parseTap(tap)
    if (parsed?.kind !== 'hidden') throw new EngineError('bad-input', `${tap} is no hidden state`)
    const { run, stack } = open(id, parsed.side)
    const wanted = { side: parsed.side, layer: parsed.index, folded: true, anyLength: true }
    const states = validStates(store(), run, wanted)
    if (order === 'variance') return orderByVariance(states, stack.width)
    return orderBySimilarity(states, stack.width, await products(), createPace(signal))
  }

  const measure = async ({ run: id, side }: Input<'layerSizes'>, signal: AbortSignal): Promise<LayerSizes> => {
    const { run, stack } = open(id, side)
    const pace = createPace(signal)
    const rms = new Float32Array(stack.layers + 1)
    for (let layer = 0; layer < rms.length; layer++) {
      await pace()
      const states = validStates(store(), run, { side, layer, folded: false, anyLength: true })
      let sum = 0
      for (let i = 0; i < states.length; i++) sum += states[i]! ** 2
      rms[layer] = Math.sqrt(sum / states.length)
    }
    return { rms }
  }

  return {
    layerDifferences: (input, { signal, part }) =>
      differences.of(JSON.stringify(input), signal, (own) => differ(input, own, part)),
    layerSimilarity: (input, { signal }) =>
      similarities.of(JSON.stringify(input), signal, (own) => compare(input, own)),
    trajectory: (input, { signal }) => trajectories.of(JSON.stringify(input), signal, (own) => project(input, own)),
    dimensionOrder: (input, { signal }) => orders.of(JSON.stringify(input), signal, (own) => inOrder(input, own)),
    layerSizes: (input, { signal }) => sizes.of(JSON.stringify(input), signal, (own) => measure(input, own)),
    close: () => {
      opening?.then((opened) => opened[Symbol.dispose]()).catch(() => {})
    },
  }
}
