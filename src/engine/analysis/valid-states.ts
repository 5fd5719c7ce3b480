import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, type PatchGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { printTap, type Side } from '../../contract/tap.ts'
import type { Store } from '../store/store.ts'
import { foldStates } from './fold.ts'

/** More would take minutes: what layers are compared by grows with the square of the steps. */
const mostSteps = 3000

/**
 * A hidden state [step, width] without padding and special tokens. Of a patch grid's states every patch is a step, or with `folded`
 * every column, the mean of its bands. Throws `not-found`, and `bad-input` for a clip of too many steps.
 */
export const validStates = (
  store: Pick<Store, 'tensor'>,
  run: Run,
  { side, layer, folded }: { side: Side; layer: number; folded: boolean },
): Float32Array => {
  const tap = printTap({ kind: 'hidden', side, index: layer })
  const card = run.taps.find((known) => known.tap === tap)
  if (!card) throw new EngineError('not-found', `the run of ${run.model.id} has no hidden state ${tap}`)
  const [count = 0, width = 0] = card.shape
  const { encoder } = run.grids
  if (side === 'encoder' && isPatchGrid(encoder)) {
    const tokens = store.tensor(run.id, tap).data as Float32Array
    const patches = folded
      ? foldStates(tokens, encoder, width).slice(0, encoder.time.valid * width)
      : validPatches(tokens, encoder, width)
    return checked(patches, width)
  }
  const valid = side === 'encoder' && !isPatchGrid(encoder) ? encoder.valid : count
  checkSteps(valid)
  return store.tensor(run.id, tap, [0, valid]).data as Float32Array
}

const checked = (states: Float32Array, width: number): Float32Array => {
  checkSteps(states.length / width)
  return states
}

const checkSteps = (steps: number): void => {
  if (steps > mostSteps)
    throw new EngineError(
      'bad-input',
      `layers are compared over at most ${mostSteps} steps, and this clip has ${steps}: choose a shorter region`,
    )
}

/** the patches of columns that are centred on audio, lowest band first */
const validPatches = (tokens: Float32Array, grid: PatchGrid, width: number): Float32Array => {
  const { count, valid } = grid.time
  const patches = new Float32Array(grid.bands * valid * width)
  for (let band = 0; band < grid.bands; band++) {
    const from = (grid.special + band * count) * width
    patches.set(tokens.subarray(from, from + valid * width), band * valid * width)
  }
  return patches
}
