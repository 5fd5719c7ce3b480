import { createRandom, derangement } from './random.ts'

/** Blocks of `blockSamples` in another order, none in its place; the last may be shorter. The same for the same seed. */
export const shuffleBlocks = (samples: Float32Array, blockSamples: number, seed: number): Float32Array => {
  const shuffled = new Float32Array(samples.length)
  let at = 0
  for (const block of derangement(Math.ceil(samples.length / blockSamples), seed)) {
    const part = samples.subarray(block * blockSamples, (block + 1) * blockSamples)
    shuffled.set(part, at)
    at += part.length
  }
  return shuffled
}

/** Puts the values in another order (Fisher and Yates), in place. */
export const shuffleValues = (values: Uint8Array | Uint16Array | Uint32Array | BigUint64Array, seed: number): void => {
  const random = createRandom(seed)
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = values[i]!
    values[i] = values[j]!
    values[j] = kept
  }
}
