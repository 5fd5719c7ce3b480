import { EngineError } from '../../contract/errors.ts'
import { secondsAt, type TimeGrid } from '../../contract/grid.ts'

/** Which steps of two sequences in time are put beside each other when their states are compared. */
export interface PairedSteps {
  /** of either sequence, the steps that each pair takes the mean of */
  own: number[][]
  other: number[][]
}

/**
 * Of two grids over one recording: every step on audio of the finer goes to the step of the coarser whose centre is nearest (the later
 * of two), which is paired with the mean of what came to it. What lies outside the other grid, and coarse steps to which none
 * came, are left out. Of grids as fine as each other `other` goes to `own`.
 */
export const pairedBySeconds = (own: TimeGrid, other: TimeGrid): PairedSteps => {
  const swapped = other.step > own.step
  const [coarse, fine] = swapped ? [other, own] : [own, other]
  const came = new Map<number, number[]>()
  for (let i = 0; i < fine.valid; i++) {
    // a millionth of a step of slack: centres meant to be half way are so but for rounding
    const nearest = Math.floor((secondsAt(fine, i) - coarse.start) / coarse.step + 0.5 + 1e-6)
    if (nearest < 0 || nearest >= coarse.valid) continue
    came.set(nearest, [...(came.get(nearest) ?? []), i])
  }
  if (came.size === 0) throw new EngineError('bad-input', 'the two runs have no moment in common')
  const single = [...came.keys()].map((step) => [step])
  const means = [...came.values()]
  return swapped ? { own: means, other: single } : { own: single, other: means }
}

/** States [step, width] → [pair, width]: the mean over each pair's steps. */
export const meanOf = (states: Float32Array, width: number, groups: readonly number[][]): Float32Array => {
  const means = new Float32Array(groups.length * width)
  groups.forEach((steps, pair) => {
    for (let d = 0; d < width; d++) {
      let sum = 0
      for (const step of steps) sum += states[step * width + d]!
      means[pair * width + d] = sum / steps.length
    }
  })
  return means
}
