import { bucketOf, type Overview } from '../../signal/overview.ts'

/** A recording's overview as the store keeps it: least, greatest, rms and print of every bucket, one after another. */

export const packOverview = ({ min, max, rms, prints }: Overview): Uint8Array => {
  const values = new Float32Array(4 * min.length)
  for (const [i, part] of [min, max, rms].entries()) values.set(part, i * min.length)
  new Int32Array(values.buffer).set(prints, 3 * min.length)
  return new Uint8Array(values.buffer)
}

/** Null where the bytes are not those of a recording of `frames`. */
export const unpackOverview = (bytes: Uint8Array, frames: number): Overview | null => {
  const framesPerBucket = bucketOf(frames)
  const buckets = Math.ceil(frames / framesPerBucket)
  if (bytes.length !== 4 * 4 * buckets) return null
  // a copy: the store's bytes may lie at any address
  const { buffer } = new Uint8Array(bytes)
  const part = (i: number): Float32Array => new Float32Array(buffer, 4 * i * buckets, buckets)
  const prints = new Int32Array(buffer, 4 * 3 * buckets, buckets)
  return { framesPerBucket, min: part(0), max: part(1), rms: part(2), prints }
}
