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

/** An envelope of `columns` over frames [start, end) of `mono`, whose first sample is frame `offset`; silence outside. */
export const peaksOfSamples = (mono: Float32Array, offset: number, range: Range, columns: number): Envelope =>
  collect(columns, (column, add) => {
    const [start, end] = columnSteps(range, columns, column)
    for (let frame = start; frame < end; frame++) {
      const value = mono[frame - offset]
      if (value !== undefined) add(value, value, value * value)
    }
  })

/** The same from a finer envelope: every bucket that a column touches counts for it. */
export const peaksOfEnvelope = (
  envelope: Envelope,
  framesPerBucket: number,
  range: Range,
  columns: number,
): Envelope => {
  const buckets: Range = [range[0] / framesPerBucket, range[1] / framesPerBucket]
  return collect(columns, (column, add) => {
    const [start, end] = columnSteps(buckets, columns, column)
    for (let bucket = Math.max(0, start); bucket < Math.min(end, envelope.min.length); bucket++)
      add(envelope.min[bucket]!, envelope.max[bucket]!, envelope.rms[bucket]! ** 2)
  })
}

type Add = (low: number, high: number, square: number) => void

/** A column that nothing falls into is silent: 0, 0, 0. */
const collect = (columns: number, fill: (column: number, add: Add) => void): Envelope => {
  const envelope = { min: new Float32Array(columns), max: new Float32Array(columns), rms: new Float32Array(columns) }
  for (let column = 0; column < columns; column++) {
    let least = Infinity
    let greatest = -Infinity
    let squares = 0
    let count = 0
    fill(column, (low, high, square) => {
      if (low < least) least = low
      if (high > greatest) greatest = high
      squares += square
      count++
    })
    if (count === 0) continue
    envelope.min[column] = least
    envelope.max[column] = greatest
    envelope.rms[column] = Math.sqrt(squares / count)
  }
  return envelope
}
