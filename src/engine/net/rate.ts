/** How fast something grows, over the last few seconds. */
export interface Rate {
  /** null until a second has passed */
  bytesPerSecond: number | null
  /** null until the rate and the total are known */
  secondsLeft: number | null
}

const windowMs = 5000
const leastMs = 1000

/** Say `bytes` so far and the `total` each time either changes; `now` in milliseconds of any clock that only goes forward. */
export const createRate = (): ((bytes: number, total: number | null, now?: number) => Rate) => {
  const seen: { bytes: number; now: number }[] = []
  return (bytes, total, now = performance.now()) => {
    // beginning again makes it smaller: what was seen before says nothing any more
    if (bytes < (seen.at(-1)?.bytes ?? 0)) seen.length = 0
    seen.push({ bytes, now })
    while (seen.length > 2 && now - seen[1]!.now >= windowMs) seen.shift()
    const oldest = seen[0]!
    const passed = now - oldest.now
    if (passed < leastMs) return { bytesPerSecond: null, secondsLeft: null }
    const bytesPerSecond = ((bytes - oldest.bytes) * 1000) / passed
    const secondsLeft = total === null || bytesPerSecond === 0 ? null : Math.max(0, total - bytes) / bytesPerSecond
    return { bytesPerSecond, secondsLeft }
  }
}
