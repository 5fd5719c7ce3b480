/**
 * The highest peaks of a curve, the highest first, at least `apart` steps from each other. A peak is greater than what lies before and
 * after it; of a plateau it is the middle (the left of two), and an end counts where the curve falls from it. Where two are too near the lower
 * is left out, as scipy.signal.find_peaks does it with `distance`.
 */
export const highestPeaks = (values: ArrayLike<number>, apart: number, most: number): number[] => {
  const byHeight = localPeaks(values).sort((a, b) => values[b]! - values[a]! || b - a)
  const kept: number[] = []
  for (const peak of byHeight) {
    if (kept.length === most) break
    if (kept.every((other) => Math.abs(other - peak) >= apart)) kept.push(peak)
  }
  return kept
}

const localPeaks = (values: ArrayLike<number>): number[] => {
  const peaks: number[] = []
  const at = (i: number): number => (i < 0 || i >= values.length ? -Infinity : values[i]!)
  for (let start = 0; start < values.length;) {
    let end = start
    while (end + 1 < values.length && values[end + 1] === values[start]) end++
    if (at(start - 1) < values[start]! && at(end + 1) < values[start]!) peaks.push((start + end) >> 1)
    start = end + 1
  }
  return peaks
}
