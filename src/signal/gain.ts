import { derangement } from './random.ts'

/** Attention weights as loudness (docs/hearing.md). A gain is what amplitudes are multiplied by, 0 … 1. */

/** Which weights become gains: as they are, what they leave over, or the same weights in other places. */
export type GainPart = 'attended' | 'rest' | 'random'

/** Of the permutation that `random` takes: the same in every run, so that it is heard again. */
export const gainSeed = 1

/** Weights scaled to sum to 1; all zero where there is nothing to scale. */
export const unitMass = (weights: Float32Array): Float32Array => {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return sum > 0 ? weights.map((weight) => weight / sum) : weights.slice()
}

/** Each weight moved to another place, by whole steps: the same mass, the same values. */
export const elsewhere = (weights: Float32Array): Float32Array =>
  Float32Array.from(derangement(weights.length, gainSeed), (from) => weights[from]!)

/** w / max w, for `rest` 1 − w / max w; all 0 (1) where no weight is above 0. */
export const gainsOf = (weights: Float32Array, part: GainPart): Float32Array => {
  const most = weights.reduce((a, b) => Math.max(a, b), 0)
  const gains = (part === 'random' ? elsewhere(weights) : weights).map((weight) => (most > 0 ? weight / most : 0))
  return part === 'rest' ? gains.map((gain) => 1 - gain) : gains
}

/**
 * How far between two centres a place is, once smoothed: half a cosine from 0 to 1. What is faded out of one step is faded into
 * the next, and nothing jumps, so there are no clicks.
 */
export const fade = (share: number): number => (1 - Math.cos(Math.PI * share)) / 2

/** The two steps a fractional place lies between and the share of the later one; before the first centre and after the last one it is held. */
export const between = (place: number, count: number): { step: number; next: number; share: number } => {
  const held = Math.min(count - 1, Math.max(0, place))
  const step = Math.floor(held)
  return { step, next: Math.min(count - 1, step + 1), share: fade(held - step) }
}

/** The gain at a fractional step. */
export const gainAt = (gains: Float32Array, place: number): number => {
  const { step, next, share } = between(place, gains.length)
  return gains[step]! + (gains[next]! - gains[step]!) * share
}
