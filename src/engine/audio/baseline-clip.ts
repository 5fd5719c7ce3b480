import type { Baseline } from '../../contract/run.ts'
import { shuffleBlocks } from '../../signal/shuffle.ts'

const blockSeconds = 0.02
const seed = 1

/** What a baseline hears in place of a clip's samples: nothing at all, or its blocks in another order; an untrained model hears the clip. */
export const baselineClip = (samples: Float32Array, baseline: Baseline | undefined, rate: number): Float32Array => {
  if (baseline === 'silence') return new Float32Array(samples.length)
  return baseline === 'shuffled' ? shuffleBlocks(samples, Math.round(blockSeconds * rate), seed) : samples
}
