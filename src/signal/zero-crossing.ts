/**
 * The sample nearest to `at` (which may lie between two) where the sound crosses zero: it is 0, or has another sign than the one before it. Null where
 * there is none; of two as near, the earlier.
 */
export const nearestZeroCrossing = (samples: Float32Array, at: number): number | null => {
  let best: number | null = null
  for (let i = 0; i < samples.length; i++) {
    const [before, value] = [samples[i - 1] ?? samples[i]!, samples[i]!]
    const crosses = value === 0 || before < 0 !== value < 0
    if (crosses && (best === null || Math.abs(i - at) < Math.abs(best - at))) best = i
  }
  return best
}
