import type { LayerSimilarity, SimilarityMeasure } from '../../contract/hidden.ts'
import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, timeOf } from '../../contract/grid.ts'
import type { Stack } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import type { Side } from '../../contract/tap.ts'
import type { RowProducts } from '../analysis/gram.ts'
import { linearCka, meanCosine, type LayerStates } from '../analysis/layer-similarity.ts'
import { meanOf, pairedBySeconds } from '../analysis/paired-steps.ts'
import { validCount, validStates } from '../analysis/valid-states.ts'
import type { Store } from '../store/store.ts'

interface Part {
  run: Run
  stack: Stack
}

interface Comparison {
  side: Side
  measure: SimilarityMeasure
  own: Part
  /** null: with itself */
  other: Part | null
}

interface Means {
  store: Store
  products: () => Promise<RowProducts>
  pace: () => Promise<void>
}

/** How alike the layers of a run are, with each other or with another run's. */
export const compareLayers = async (
  { side, measure, own, other }: Comparison,
  { store, products, pace }: Means,
): Promise<LayerSimilarity> => {
  if (other && measure === 'cosine' && other.stack.width !== own.stack.width)
    throw new EngineError(
      'bad-input',
      `a cosine needs states of as many dimensions: ${own.run.model.id} has ${own.stack.width}, ${other.run.model.id} ${other.stack.width}`,
    )
  const paired = other ? pairing(own.run, other.run, side) : 'self'
  const read = reading(store, side, own, other, paired)
  let count = 0
  const counted = function* (part: Part, steps: (layer: number) => Float32Array): Generator<Float32Array> {
    for (let layer = 0; layer <= part.stack.layers; layer++) {
      const states = steps(layer)
      count = states.length / part.stack.width
      yield states
    }
  }
  const layersOf = (part: Part, steps: (layer: number) => Float32Array): LayerStates => ({
    matrices: counted(part, steps),
    width: part.stack.width,
  })
  const layers = layersOf(own, read.own)
  const others = other ? layersOf(other, read.other) : undefined
  const values =
    measure === 'cosine'
      ? await meanCosine(layers, pace, others)
      : await linearCka(layers, await products(), pace, others)
  const patches = isPatchGrid(own.run.grids.encoder) && paired !== 'seconds'
  const kind = side === 'decoder' ? 'tokens' : patches ? 'patches' : 'steps'
  const seen = other ?? own
  return {
    measure,
    values,
    states: own.stack.layers + 1,
    otherStates: seen.stack.layers + 1,
    samples: { kind, count },
    paired,
    width: own.stack.width,
    otherWidth: seen.stack.width,
  }
}

/** Throws `bad-input` where the two have neither a model nor a recording in common, and no time. */
const pairing = (own: Run, other: Run, side: Side): 'number' | 'seconds' => {
  if (own.model.hash === other.model.hash) return 'number'
  if (own.recording.id !== other.recording.id)
    throw new EngineError('bad-input', 'compare one model over two recordings, or two models over one recording')
  if (side === 'decoder')
    throw new EngineError('bad-input', 'tokens have no place in time: decoders of two models are not compared')
  return 'seconds'
}

/** Readers of both runs' layers, with as many steps in each. */
const reading = (
  store: Store,
  side: Side,
  own: Part,
  other: Part | null,
  paired: LayerSimilarity['paired'],
): Record<'own' | 'other', (layer: number) => Float32Array> => {
  const states = (run: Run, layer: number, how: { folded: boolean; first?: number }): Float32Array =>
    validStates(store, run, { side, layer, ...how })
  if (!other || paired === 'self') {
    const read = (layer: number): Float32Array => states(own.run, layer, { folded: false })
    return { own: read, other: read }
  }
  if (paired === 'number') {
    const first = Math.min(stepsOf(own.run, side), stepsOf(other.run, side))
    return {
      own: (layer) => states(own.run, layer, { folded: false, first }),
      other: (layer) => states(other.run, layer, { folded: false, first }),
    }
  }
  const steps = pairedBySeconds(timeOf(own.run.grids.encoder), timeOf(other.run.grids.encoder))
  return {
    own: (layer) => meanOf(states(own.run, layer, { folded: true }), own.stack.width, steps.own),
    other: (layer) => meanOf(states(other.run, layer, { folded: true }), other.stack.width, steps.other),
  }
}

const stepsOf = (run: Run, side: Side): number => validCount(run, side, run.result.tokens?.length ?? 0)
