import type { Span } from '../contract/engine.ts'
import { EngineError } from '../contract/errors.ts'
import { stepsWithin, type TimeGrid } from '../contract/grid.ts'
import type { Range } from '../contract/tensor.ts'

/**
 * The steps of a sequence of `count` that a span means, half-open and never empty. Seconds need a `grid`: the steps are those whose
 * cell reaches into the span. Throws `bad-input` for seconds of tokens and for steps the sequence does not have.
 */
export const spanSteps = (span: Span, grid: TimeGrid | null, count: number): Range => {
  if (span.unit === 'all') return [0, count]
  if (span.unit === 'step') {
    const [start, end] = span.range
    if (start >= Math.min(end, count))
      throw new EngineError('bad-input', `steps ${start}:${end} lie outside the sequence of ${count}`)
    return [start, Math.min(end, count)]
  }
  if (!grid) throw new EngineError('bad-input', 'tokens have no seconds: give a range of steps')
  return stepsWithin(grid, span.range)
}
