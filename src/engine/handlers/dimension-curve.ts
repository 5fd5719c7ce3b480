import { EngineError } from '../../contract/errors.ts'
import type { DimensionCurve } from '../../contract/hidden.ts'
import type { Run } from '../../contract/run.ts'
import { highestPeaks } from '../analysis/peaks.ts'
import type { Store } from '../store/store.ts'
import { openStates } from './hidden-states.ts'

/** so many of the highest, and of the lowest */
const mostPeaks = 5
/** what lies nearer is heard as one moment */
const apartSeconds = 0.2

/** One dimension of a hidden state over time, and where it is greatest and least. Peaks are of steps on audio only. */
export const dimensionCurve = (
  store: Pick<Store, 'tensor'>,
  run: Run,
  { tap, dimension }: { tap: string; dimension: number },
): DimensionCurve => {
  const { grid, steps, width, read } = openStates(store, run, tap)
  if (dimension >= width)
    throw new EngineError('bad-input', `${tap} has no dimension ${dimension}: they are 0 to ${width - 1}`)
  const states = read([0, steps])
  const values = Float32Array.from({ length: steps }, (_, step) => states[step * width + dimension]!)
  const valid = grid?.valid ?? steps
  const counted = values.subarray(0, valid)
  const apart = grid ? Math.max(1, Math.round(apartSeconds / grid.step)) : 1
  const mean = counted.reduce((sum, value) => sum + value / valid, 0)
  const deviation = Math.sqrt(counted.reduce((sum, value) => sum + (value - mean) ** 2 / valid, 0))
  return {
    values,
    grid,
    valid,
    highest: highestPeaks(counted, apart, mostPeaks),
    lowest: highestPeaks(
      counted.map((value) => -value),
      apart,
      mostPeaks,
    ),
    apart,
    mean,
    deviation,
  }
}
