import type { AttentionLine } from '../../contract/engine.ts'
import { secondsAt, stepAt, type TimeGrid } from '../../contract/grid.ts'

export const nearSeconds = 0.2

/** Share of a row's whole weight on keys whose centres lie within `within` seconds of `at`. */
export const shareNear = (values: Float32Array, grid: TimeGrid, at: number, within = nearSeconds): number => {
  let near = 0
  let all = 0
  for (let i = 0; i < values.length; i++) {
    all += values[i]!
    if (Math.abs(secondsAt(grid, i) - at) <= within + 1e-9) near += values[i]!
  }
  return all > 0 ? near / all : 0
}

/** The weight given to the key at `seconds`; null outside the sequence. */
export const weightAt = (line: AttentionLine, seconds: number): { at: number; weight: number } | null => {
  if (!line.grid) return null
  const step = stepAt(line.grid, seconds)
  const weight = line.values[step]
  return weight === undefined ? null : { at: secondsAt(line.grid, step), weight }
}
