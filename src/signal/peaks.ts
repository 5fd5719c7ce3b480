import type { Range } from '../contract/tensor.ts'

/** Envelopes of a waveform: the least, the greatest and the root mean square of every bucket of frames. */
export interface Envelope {
  min: Float32Array
  max: Float32Array
  rms: Float32Array
}

/** Where column `index` of `columns` over the half-open range lies, in whole steps; never empty. */
const columnSteps = (range: Range, columns: number, index: number): Range => {
  const width = (range[1] - range[0]) / columns
  const start = Math.floor(range[0] + index * width)
  return [start, Math.max(start + 1, Math.ceil(range[0] + (index + 1) * width))]
}

/** Builds an envelope of `columns` over frames [start, end) from stretches of mono that follow each other. */
export interface ColumnsBuilder {
  /** `first`: the frame of the first sample */
  add(mono: Float32Array, first: number): void
  /** silence where nothing was added */
  finish(): Envelope
}

export const startColumns = (range: Range, columns: number): ColumnsBuilder => {
  const envelope = { min: new Float32Array(columns), max: new Float32Array(columns), rms: new Float32Array(columns) }
  const least = new Float64Array(columns).fill(Infinity)
  const greatest = new Float64Array(columns).fill(-Infinity)
  const squares = new Float64Array(columns)
  const counts = new Float64Array(columns)
  return {
    add: (mono, first) => {
      const perColumn = (range[1] - range[0]) / columns
      // columns share frames at their edges: one more on either side is looked at
      const from = Math.max(0, Math.floor((first - range[0]) / perColumn) - 1)
      const to = Math.min(columns, Math.ceil((first + mono.length - range[0]) / perColumn) + 1)
      for (let column = from; column < to; column++) {
        const [start, end] = columnSteps(range, columns, column)
        for (let i = Math.max(0, start - first); i < Math.min(mono.length, end - first); i++) {
          const value = mono[i]!
          if (value < least[column]!) least[column] = value
          if (value > greatest[column]!) greatest[column] = value
          squares[column]! += value * value
          counts[column]!++
        }
      }
    },
    finish: () => {
      for (let column = 0; column < columns; column++) {
        if (counts[column] === 0) continue
        envelope.min[column] = least[column]!
        envelope.max[column] = greatest[column]!
        envelope.rms[column] = Math.sqrt(squares[column]! / counts[column]!)
      }
      return envelope
    },
  }
}

/** An envelope of `columns` from a finer one: every bucket that a column touches counts for it. A column that touches none is silent: 0, 0, 0. */
export const peaksOfEnvelope = (
  { min, max, rms }: Envelope,
  framesPerBucket: number,
  range: Range,
  columns: number,
): Envelope => {
  const buckets: Range = [range[0] / framesPerBucket, range[1] / framesPerBucket]
  const envelope = { min: new Float32Array(columns), max: new Float32Array(columns), rms: new Float32Array(columns) }
  for (let column = 0; column < columns; column++) {
    const steps = columnSteps(buckets, columns, column)
    const [start, end] = [Math.max(0, steps[0]), Math.min(steps[1], min.length)]
    if (start >= end) continue
    let [least, greatest, squares] = [Infinity, -Infinity, 0]
    for (let bucket = start; bucket < end; bucket++) {
      if (min[bucket]! < least) least = min[bucket]!
      if (max[bucket]! > greatest) greatest = max[bucket]!
      squares += rms[bucket]! ** 2
    }
    envelope.min[column] = least
    envelope.max[column] = greatest
    envelope.rms[column] = Math.sqrt(squares / (end - start))
  }
  return envelope
}
