import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, timeOf, type PatchGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap, printTap, type Side } from '../../contract/tap.ts'
import type { Store } from '../store/store.ts'
import { foldStates } from './fold.ts'

/** More would take minutes: what layers are compared by grows with the square of the steps. */
const mostSteps = 3000

interface Wanted {
  side: Side
  layer: number
  /** of a patch grid's states every column is a step, the mean of its bands; else every patch is one */
  folded: boolean
  /** no more than so many steps (columns of patches), from the first */
  first?: number
  /** for what grows with the steps and not with their square */
  anyLength?: boolean
}

/**
 * A hidden state [step, width] without padding and special tokens. Throws `not-found`, and `bad-input` for a clip of too many steps
 * unless any length will do.
 */
export const validStates = (
  store: Pick<Store, 'tensor'>,
  run: Run,
  { side, layer, folded, first = Infinity, anyLength = false }: Wanted,
): Float32Array => {
  const tap = printTap({ kind: 'hidden', side, index: layer })
  const { steps, width } = stateShape(run, tap)
  const check = anyLength ? () => {} : checkSteps
  const valid = Math.min(first, validCount(run, side, steps))
  const { encoder } = run.grids
  if (side === 'encoder' && isPatchGrid(encoder)) {
    check(folded ? valid : valid * encoder.bands)
    const tokens = store.tensor(run.id, tap).data as Float32Array
    return folded
      ? foldStates(tokens, encoder, width).slice(0, valid * width)
      : validPatches(tokens, encoder, valid, width)
  }
  check(valid)
  return store.tensor(run.id, tap, [0, valid]).data as Float32Array
}

/** Steps and dimensions of a hidden state as it is stored. Throws `not-found`. */
export const stateShape = (run: Run, tap: string): { steps: number; width: number } => {
  const card = run.taps.find((known) => known.tap === tap)
  if (parseTap(tap)?.kind !== 'hidden' || !card)
    throw new EngineError('not-found', `the run of ${run.model.id} has no hidden state ${tap}`)
  const [steps = 0, width = 0] = card.shape
  return { steps, width }
}

/** Steps on audio (AST: columns), of a sequence of `steps`; every token of a decoder's. */
export const validCount = (run: Run, side: Side, steps: number): number =>
  side === 'encoder' ? timeOf(run.grids.encoder).valid : steps

const checkSteps = (steps: number): void => {
  if (steps > mostSteps)
    throw new EngineError(
      'bad-input',
      `layers are compared over at most ${mostSteps} steps, and this clip has ${steps}: choose a shorter region`,
    )
}

/** the patches of columns that are centred on audio, lowest band first */
const validPatches = (tokens: Float32Array, grid: PatchGrid, valid: number, width: number): Float32Array => {
  const { count } = grid.time
  const patches = new Float32Array(grid.bands * valid * width)
  for (let band = 0; band < grid.bands; band++) {
    const from = (grid.special + band * count) * width
    patches.set(tokens.subarray(from, from + valid * width), band * valid * width)
  }
  return patches
}
