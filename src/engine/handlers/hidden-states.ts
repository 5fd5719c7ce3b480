import { isPatchGrid, timeOf, type TimeGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import type { Range } from '../../contract/tensor.ts'
import { foldStates } from '../analysis/fold.ts'
import { stateShape } from '../analysis/valid-states.ts'
import type { Store } from '../store/store.ts'

/** A stored hidden state as panes show it: AST's bands averaged into columns, special tokens left out. */
export interface OpenStates {
  /** null for decoder taps (tokens) */
  grid: TimeGrid | null
  /** steps of the sequence (columns), padding included, and dimensions */
  steps: number
  width: number
  /** [step, width] of a half-open range of steps */
  read(steps: Range): Float32Array
}

/** Throws `not-found` for a tap that the run does not have. */
export const openStates = (store: Pick<Store, 'tensor'>, run: Run, tap: string): OpenStates => {
  const shape = stateShape(run, tap)
  const { encoder } = run.grids
  const parsed = parseTap(tap)
  const grid = parsed?.kind === 'hidden' && parsed.side === 'encoder' ? timeOf(encoder) : null
  const { width } = shape
  const steps = grid?.count ?? shape.steps
  if (!grid || !isPatchGrid(encoder))
    return { grid, steps, width, read: (range) => store.tensor(run.id, tap, range).data as Float32Array }
  const folded = (): Float32Array => foldStates(store.tensor(run.id, tap).data as Float32Array, encoder, width)
  return { grid, steps, width, read: ([from, to]) => folded().subarray(from * width, to * width) }
}
