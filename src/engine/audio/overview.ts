import type { Envelope } from '../../signal/peaks.ts'

/** A recording's overview as the store keeps it: the least, the greatest and the rms of every bucket, one after another. */

export const framesPerBucket = 256

export const packOverview = ({ min, max, rms }: Envelope): Uint8Array => {
  const values = new Float32Array(3 * min.length)
  for (const [i, part] of [min, max, rms].entries()) values.set(part, i * min.length)
  return new Uint8Array(values.buffer)
}

/** Null where the bytes are not those of a recording of `frames`. */
export const unpackOverview = (bytes: Uint8Array, frames: number): Envelope | null => {
  const buckets = Math.ceil(frames / framesPerBucket)
  if (bytes.length !== 3 * 4 * buckets) return null
  // a copy: the store's bytes may lie at any address
  const values = new Float32Array(new Uint8Array(bytes).buffer)
  const part = (i: number): Float32Array => values.slice(i * buckets, (i + 1) * buckets)
  return { min: part(0), max: part(1), rms: part(2) }
}
