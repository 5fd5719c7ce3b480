import type { Common } from '../../contract/compare.ts'
import { EngineError } from '../../contract/errors.ts'
import { secondsAt, type TimeGrid } from '../../contract/grid.ts'

/** Which step of B belongs to a step of A, both on audio; -1 where none does. */
export interface Pairing extends Common {
  partner(step: number): number
}

/** Halves fall to the earlier step, in spite of rounding. */
const slack = 1e-6

/**
 * Step i of A and the step of B whose centre is nearest to the same moment, `offset` seconds later in B than in A. Padding has no
 * partner, nor has what is farther than half a step of B from all its steps. Throws `bad-input` where nothing is common.
 */
export const pairSteps = (a: TimeGrid, b: TimeGrid, offset: number): Pairing => {
  const nearest = (step: number): number =>
    Math.ceil((secondsAt(a, step) + offset - b.start) / b.step - 0.5 - slack) || 0
  const partner = (step: number): number => {
    const found = nearest(step)
    return step >= 0 && step < a.valid && found >= 0 && found < b.valid ? found : -1
  }
  let [first, end] = [0, a.valid]
  while (first < end && partner(first) < 0) first++
  while (end > first && partner(end - 1) < 0) end--
  return pairing(first, end, partner, 'steps')
}

/** Tokens have no place in time: the same position belongs together. */
export const pairTokens = (a: number, b: number): Pairing =>
  pairing(0, Math.min(a, b), (token) => (token < Math.min(a, b) ? token : -1), 'tokens')

const pairing = (first: number, end: number, partner: Pairing['partner'], what: string): Pairing => {
  if (first >= end) throw new EngineError('bad-input', `the two have no ${what} in common at this alignment`)
  return { steps: [first, end], partners: [partner(first), partner(end - 1) + 1], partner }
}

/** Only the numbers, to be sent. */
export const commonOf = ({ steps, partners }: Pairing): Common => ({ steps, partners })

/** A grid of A in the seconds of B. */
export const movedGrid = (grid: TimeGrid, offset: number): TimeGrid => ({ ...grid, start: grid.start + offset })
