/** Where frequencies stand on an axis whose rows have the centre frequencies `hertz`, lowest first. */

const candidates = [32, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000]
const leastShare = 0.13

/** The row (fractional) at a frequency; null outside. Both linear bins and mel bands are monotonic. */
export const rowAt = (hertz: Float32Array, frequency: number): number | null => {
  const above = hertz.findIndex((value) => value >= frequency)
  if (above === 0) return hertz[0]! === frequency ? 0 : null
  if (above < 0) return frequency - hertz.at(-1)! < 1 ? hertz.length - 1 : null
  const [low, high] = [hertz[above - 1]!, hertz[above]!]
  return above - 1 + (frequency - low) / (high - low)
}

const label = (frequency: number): string => (frequency >= 1000 ? `${frequency / 1000}k` : String(frequency))

/** Ticks that do not touch one another, as shares of the height from the bottom. */
export const frequencyTicks = (hertz: Float32Array): { at: number; label: string }[] => {
  const ticks = [{ at: 0, label: `${label(Math.round(hertz[0] ?? 0))} Hz` }]
  let last = 1 + leastShare
  const upper: typeof ticks = []
  for (const frequency of candidates.toReversed()) {
    const row = rowAt(hertz, frequency)
    if (row === null) continue
    const at = (row + 0.5) / hertz.length
    if (last - at < leastShare || at < leastShare) continue
    upper.push({ at, label: label(frequency) })
    last = at
  }
  return [...ticks, ...upper.toReversed()]
}
