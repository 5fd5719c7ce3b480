/**
 * Numbers in [0, 1) that a seed decides, the same on every machine: Mulberry32 (Tommy Ettinger, 2017, public domain). Good enough to
 * put things in another order, and no more.
 */
export const createRandom = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The numbers 0 … count − 1 in another order: one cycle through all of them, so that none keeps its place (Sattolo 1986). */
export const derangement = (count: number, seed: number): Uint32Array => {
  const random = createRandom(seed)
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * i)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}
