import type { ProviderId } from './run.ts'

/** What a run would take, before anything is loaded. Bytes and wall seconds. */

export interface MemoryEstimate {
  /** bytes of weights once loaded */
  weights: number
  /** bytes of what is computed on the way, at its largest */
  activations: number
  /** of loading and running together */
  total: number
  /** bytes it may use: the setting, else what is free */
  limit: number
  fits: boolean
  /** variants that would fit where this one does not; `here` says whether the folder holds it already */
  smaller: { model: string; total: number; here: boolean }[]
  /** one sentence where it does not fit; empty where it does */
  refused: string
}

/** Tokens a decoder writes are known only when it has: what is likely, and the most there can be. Equal where nothing is written. */
interface Likely {
  likely: number
  most: number
}

/** Of what the store keeps of the run. */
export interface CacheEstimate extends Likely {
  /** bytes the store may hold */
  limit: number
  /** one sentence where what is likely is more than that; empty where it is not */
  refused: string
}

/** Of the computation, as a run's `seconds` are counted afterwards. */
export interface TimeEstimate extends Likely {
  /** of these, those of loading; 0 where the model is loaded */
  load: number
  provider: ProviderId
  /** what it is told by: earlier runs of this model here, or a short trial of the processor */
  from: 'runs' | 'trial'
}

/** What would fit where all of it does not: so many seconds from the same start, so many new tokens. null where that does not help. */
export interface Fitting {
  seconds: number | null
  tokens: number | null
}

/** `fits` and `refused` are of memory and cache together. */
export interface RunEstimate extends MemoryEstimate {
  fitting: Fitting
  cache: CacheEstimate
  /** null where it does not fit, and for an accelerator that this model was never seen on */
  time: TimeEstimate | null
  /** length of the decoder's sequence, prompt included; null without a decoder */
  tokens: Likely | null
}
