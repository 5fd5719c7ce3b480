import type { z } from 'zod'
import type {
  DifferenceMap,
  FeaturesDifferenceQuery,
  HiddenDifferenceQuery,
  SpectrumDifference,
} from '../../contract/compare.ts'
import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { stepsWithin } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { firstOnset, onsetLead } from '../../signal/onset.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { commonOf, movedGrid, pairSteps, pairTokens, type Pairing } from '../analysis/common-steps.ts'
import { heardRate, readHeard } from '../audio/heard.ts'
import { spectrogramDifference } from '../audio/spectrogram-difference.ts'
import type { EngineParts } from '../parts.ts'
import type { Store } from '../store/store.ts'
import { featuresOf } from './features.ts'
import { dimensionsAt, dimensionsWithin, openStates, turned } from './hidden-states.ts'
import type { createRunPlaces } from './run-places.ts'

type Name =
  | 'compare.onsets'
  | 'compare.spectrogram'
  | 'compare.features'
  | 'compare.hidden'
  | 'compare.attention'
  | 'compare.layers'

type Tensors = Pick<Store, 'tensor'>

/** Two recordings, or two runs of one model, beside each other. */
export const compareHandlers = (
  { store, sounds, processes }: EngineParts,
  places: ReturnType<typeof createRunPlaces>,
): Pick<EngineHandlers, Name> => {
  /** Throws `bad-input` where the two are of different models; weights of one model may differ. */
  const pairOf = (input: { a: string; b: string }): { a: Run; b: Run } => {
    const [a, b] = [places.run(input.a), places.run(input.b)]
    if (places.of(a.id).modelFolder !== places.of(b.id).modelFolder)
      throw new EngineError(
        'bad-input',
        `a difference needs one model: A ran through ${a.model.id}, B through ${b.model.id}`,
      )
    return { a, b }
  }
  return {
    'compare.onsets': async ({ clips }, { signal }) => {
      const found: (number | null)[] = []
      for (const { recording, region } of clips) {
        await sounds.check(recording)
        const heard = await readHeard(sounds.opened(recording), region, { before: onsetLead, after: 0 }, signal)
        const onset = firstOnset(heard.samples)
        found.push(onset === null ? null : (heard.region[0] + onset) / heardRate)
      }
      return found
    },
    'compare.spectrogram': async ({ a, b, ...wanted }, { signal }) => {
      await Promise.all([sounds.check(a.recording), sounds.check(b.recording)])
      return spectrogramDifference(
        { opened: sounds.opened(a.recording), region: a.region },
        { opened: sounds.opened(b.recording), region: b.region },
        wanted,
        signal,
      )
    },
    'compare.features': (input) => featuresDifference(store, pairOf(input), places.of(input.a).modelFolder, input),
    'compare.hidden': (input) => hiddenDifference(store, pairOf(input), input),
    'compare.attention': (input, { signal }) => {
      const { a, b } = pairOf(input)
      const [ofA, ofB] = [places.of(a.id), places.of(b.id)]
      const variants = { variantA: ofA.modelVariant, variantB: ofB.modelVariant }
      return processes.queries.attentionDifference({ ...input, modelFolder: ofA.modelFolder, ...variants }, { signal })
    },
    'compare.layers': (input, { signal, part }) => {
      pairOf(input)
      return processes.queries.layerDifferences(input, { signal, onPart: part })
    },
  }
}

const featuresDifference = (
  store: Tensors,
  runs: { a: Run; b: Run },
  modelFolder: string,
  { offset, range, width, height }: z.output<typeof FeaturesDifferenceQuery>,
): SpectrumDifference => {
  const [a, b] = [featuresOf(store, runs.a, modelFolder), featuresOf(store, runs.b, modelFolder)]
  const pairs = pairSteps(a.grid, b.grid, offset)
  const grid = movedGrid(a.grid, offset)
  const columns = stepsWithin(grid, range)
  const rows: Range = [0, a.bands]
  const difference = subtract(a.read(columns), b.read(pairs.partners), { rows: a.bands, columns, pairs })
  const matrix = { data: difference, rows, columns, valid: { rows: a.bands, columns: pairs.steps[1] } }
  const { hertz, unit, title } = a
  return {
    raster: poolToRaster(matrix, { width, height, pool: 'mean' }),
    grid,
    common: commonOf(pairs),
    hertz,
    unit,
    title,
  }
}

const hiddenDifference = (
  store: Tensors,
  runs: { a: Run; b: Run },
  { tap, offset, range, dimensions, width, height }: z.output<typeof HiddenDifferenceQuery>,
): DifferenceMap => {
  const [a, b] = [openStates(store, runs.a, tap), openStates(store, runs.b, tap)]
  const pairs = a.grid && b.grid ? pairSteps(a.grid, b.grid, offset) : pairTokens(a.steps, b.steps)
  const grid = a.grid && movedGrid(a.grid, offset)
  const columns: Range = grid && range ? stepsWithin(grid, range) : [0, a.steps]
  const rows = dimensionsWithin(a, dimensions, tap)
  const wanted = dimensionsAt(rows, null)
  const values = turned(a.read(columns), a.width, wanted)
  const partners = turned(b.read(pairs.partners), b.width, wanted)
  const data = subtract(values, partners, { rows: rows[1] - rows[0], columns, pairs })
  const matrix = { data, rows, columns, valid: { rows: a.width, columns: pairs.steps[1] } }
  return { raster: poolToRaster(matrix, { width, height, pool: 'mean' }), grid, common: commonOf(pairs) }
}

/** [row, step of A in `columns`] less its partner in [row, step of B in `pairs.partners`]; NaN where it has none. */
const subtract = (
  a: Float32Array,
  b: Float32Array,
  { rows, columns, pairs }: { rows: number; columns: Range; pairs: Pairing },
): Float32Array => {
  const count = columns[1] - columns[0]
  const ofB = pairs.partners[1] - pairs.partners[0]
  const result = new Float32Array(rows * count).fill(NaN)
  for (let step = columns[0]; step < columns[1]; step++) {
    const partner = pairs.partner(step)
    if (partner < 0) continue
    const [from, to] = [step - columns[0], partner - pairs.partners[0]]
    for (let row = 0; row < rows; row++) result[row * count + from] = a[row * count + from]! - b[row * ofB + to]!
  }
  return result
}
