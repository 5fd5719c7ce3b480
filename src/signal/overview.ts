import { mono } from './mono.ts'
import type { Envelope } from './peaks.ts'

/**
 * The envelope of a whole recording, of any length: buckets of 256 frames, and of twice as many each time there would be more than
 * a million of them. So it takes 16 MB at most, and nobody needs to know the length beforehand.
 */
export interface Overview extends Envelope {
  framesPerBucket: number
  /** of every bucket, a polynomial hash of the bits of its frames, mixed to mono: the same sound decoded again has the same */
  prints: Int32Array
}

export const finestBucket = 256
export const mostBuckets = 2 ** 20

/** How the overview of a recording of `frames` is divided. */
export const bucketOf = (frames: number, finest = finestBucket, most = mostBuckets): number => {
  let bucket = finest
  while (Math.floor(frames / bucket) >= most) bucket *= 2
  return bucket
}

export interface OverviewBuilder {
  /** one array per channel, of equal length */
  push(block: readonly Float32Array[]): void
  /** false from the first sample on that is no number */
  finite(): boolean
  /** the buckets that are full; they share the builder's memory until the next push */
  soFar(): Overview
  /** with the last bucket, which may be shorter than the others */
  finish(): Overview
}

/** any odd number whose powers do not repeat soon: Knuth's multiplicative hash */
const multiplier = 0x9e3779b1 | 0

/** Frames in pieces of any size, and the buckets they fill: `startBuckets(256, 2 ** 20)` for a whole recording. */
export const startOverview = (finest = finestBucket, most = mostBuckets): OverviewBuilder => {
  let framesPerBucket = finest
  /** multiplier to the power of framesPerBucket: what moves a print past a bucket */
  let power = powerOf(multiplier, finest)
  // all that may be needed at once: the system gives memory when it is first written to, and nothing is ever copied
  const parts = partsOf(most)
  let count = 0
  let filled = 0
  const bucket: Bucket = new Float64Array(4)
  let finite = true
  let mixed = new Float32Array(0)

  const close = (): void => {
    parts.min[count] = bucket[0]!
    parts.max[count] = bucket[1]!
    parts.rms[count] = Math.sqrt(bucket[2]! / filled)
    parts.prints[count] = bucket[3]!
    if (!Number.isFinite(bucket[2])) finite = false
    count++
    filled = 0
  }
  const halve = (): void => {
    mergePairs(parts, count, power)
    count /= 2
    framesPerBucket *= 2
    power = Math.imul(power, power)
  }
  const soFar = (): Overview => ({ framesPerBucket, ...views(parts, count) })

  return {
    push: (block) => {
      const length = block[0]?.length ?? 0
      if (mixed.length !== length) mixed = new Float32Array(length)
      const values = mono(block, mixed)
      const words = new Int32Array(values.buffer, values.byteOffset, length)
      for (let at = 0; at < length;) {
        const to = Math.min(length, at + framesPerBucket - filled)
        if (filled === 0) begin(bucket, values[at]!)
        measure(bucket, values, words, at, to)
        filled += to - at
        at = to
        if (filled < framesPerBucket) continue
        close()
        if (count === most) halve()
      }
      if (!Number.isFinite(bucket[2])) finite = false
    },
    finite: () => finite,
    soFar,
    finish: () => {
      if (filled > 0) close()
      // memory of its own, but where most of what there is is used: nobody pushes any more
      return 2 * count > most ? soFar() : { framesPerBucket, ...copies(views(parts, count)) }
    },
  }
}

/** What is known of the bucket that is being filled: least, greatest, sum of squares, print; numbers in an array, so that nothing is allocated. */
type Bucket = Float64Array

/** Nothing of it counted yet; `first` is the value that comes next. */
const begin = (bucket: Bucket, first: number): void => {
  bucket.fill(0)
  bucket[0] = bucket[1] = first
}

/** Adds values [from, to), and their bits. */
const measure = (bucket: Bucket, values: Float32Array, words: Int32Array, from: number, to: number): void => {
  let [low, high, square] = [bucket[0]!, bucket[1]!, bucket[2]!]
  let print = bucket[3]! | 0
  for (let i = from; i < to; i++) {
    const value = values[i]!
    // not by a branch: of noise over a slow wave nobody can guess which way it goes
    low = Math.min(low, value)
    high = Math.max(high, value)
    square += value * value
    print = (Math.imul(print, multiplier) + words[i]!) | 0
  }
  bucket[0] = low
  bucket[1] = high
  bucket[2] = square
  bucket[3] = print
}

type Parts = Omit<Overview, 'framesPerBucket'>

const partsOf = (length: number): Parts => ({
  min: new Float32Array(length),
  max: new Float32Array(length),
  rms: new Float32Array(length),
  prints: new Int32Array(length),
})

const views = ({ min, max, rms, prints }: Parts, count: number): Parts => ({
  min: min.subarray(0, count),
  max: max.subarray(0, count),
  rms: rms.subarray(0, count),
  prints: prints.subarray(0, count),
})

const copies = ({ min, max, rms, prints }: Parts): Parts => ({
  min: min.slice(),
  max: max.slice(),
  rms: rms.slice(),
  prints: prints.slice(),
})

/** Every two of the first `count` buckets become one, in place. */
const mergePairs = ({ min, max, rms, prints }: Parts, count: number, power: number): void => {
  for (let i = 0, from = 0; from < count; i++, from += 2) {
    min[i] = Math.min(min[from]!, min[from + 1]!)
    max[i] = Math.max(max[from]!, max[from + 1]!)
    rms[i] = Math.sqrt((rms[from]! ** 2 + rms[from + 1]! ** 2) / 2)
    prints[i] = (Math.imul(prints[from]!, power) + prints[from + 1]!) | 0
  }
}

const powerOf = (base: number, exponent: number): number => {
  let power = 1
  for (let i = 0; i < exponent; i++) power = Math.imul(power, base)
  return power
}
