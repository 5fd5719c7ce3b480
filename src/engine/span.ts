import type { Span } from '../contract/engine.ts'
import { EngineError } from '../contract/errors.ts'
import type { TimeGrid } from '../contract/grid.ts'
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
  const at = (seconds: number): number => (seconds - grid.start) / grid.step + 0.5
  // a thousandth of a step of slack: 0.3 / 0.1 is 2.9999999999999996
  const start = Math.min(count - 1, Math.max(0, Math.floor(at(span.range[0]) + 1e-3)))
  return [start, Math.max(start + 1, Math.min(count, Math.ceil(at(span.range[1]) - 1e-3)))]
}
