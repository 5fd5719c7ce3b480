import { bucketOf, type Overview } from '../../signal/overview.ts'

/** A recording's overview as the store keeps it: least, greatest, rms and print of every bucket, each a part of its own. */

/** The parts share the overview's memory. */
export const packOverview = ({ min, max, rms, prints }: Overview): Uint8Array[] =>
  [min, max, rms, prints].map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))

/** Null where the parts are not those of a recording of `frames`. */
export const unpackOverview = (parts: readonly Uint8Array[], frames: number): Overview | null => {
  const framesPerBucket = bucketOf(frames)
  const buckets = Math.ceil(frames / framesPerBucket)
  if (parts.length !== 4 || parts.some(({ length }) => length !== 4 * buckets)) return null
  // a copy: the store's bytes may lie at any address
  const part = (i: number): ArrayBuffer => new Uint8Array(parts[i]!).buffer
  return {
    framesPerBucket,
    min: new Float32Array(part(0)),
    max: new Float32Array(part(1)),
    rms: new Float32Array(part(2)),
    prints: new Int32Array(part(3)),
  }
}
