import type { Range } from '../../contract/tensor.ts'

/** The visible part of something that ends at `seconds`, rounded so that equal views ask equal questions; null for none. */
export const visibleOf = (range: Range, seconds: number): Range | null => {
  const start = Math.max(0, Math.floor(range[0] * 1000) / 1000)
  const end = Math.min(seconds, Math.ceil(range[1] * 1000) / 1000)
  return end > start ? [start, end] : null
}
