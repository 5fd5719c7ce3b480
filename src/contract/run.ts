import { z } from 'zod'
import type { Grids } from './grid.ts'
import type { FamilyId, ModelType, Stack, Variant } from './model.ts'
import type { Region } from './recording.ts'
import type { TapName } from './tap.ts'

export const devices = ['auto', 'cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const
export type DeviceId = (typeof devices)[number]
export type ProviderId = Exclude<DeviceId, 'auto'>

export interface DeviceCard {
  id: ProviderId
  compiled: boolean
  /** a one-node session was created on it and ran there; false where it was not compiled in */
  works: boolean
  /** the device's own name where the system tells it ("NVIDIA H200", "llvmpipe (software)"), else the provider's */
  name: string
  /** why not; empty when it works */
  reason: string
}

/** How many nodes of a run's graphs each provider ran, from onnxruntime's profile: never what was asked for. */
export type NodeCounts = Partial<Record<ProviderId, number>>

/** A provider's hidden states beside the CPU's on the same clip: per tap the largest |difference| over the CPU's largest magnitude. */
export interface Parity {
  /** the largest over all taps, and where */
  worst: number
  tap: TapName
  /** 1e-3, or 1e-2 for fp16 graphs; a worse provider is refused */
  limit: number
  passed: boolean
}

/** What comparing a provider with the CPU on one model found. Made once per model, provider, device and onnxruntime, and on demand. */
export interface Verdict {
  model: { id: string; hash: string }
  provider: ProviderId
  /** the device's name */
  device: string
  onnxruntime: string
  /** of the provider's run */
  nodes: NodeCounts
  /** wall seconds of the same pass over the same clip, once warm */
  seconds: { cpu: number; provider: number }
  /** null where the provider gave no numbers */
  parity: Parity | null
  /** error of every tap, in the model's order */
  taps: { tap: TapName; error: number }[]
  /** one sentence why it is refused; empty where it may run */
  refused: string
  /** ISO 8601 */
  at: string
}

/** What a run may be held against: nothing to hear, the sound in disorder, a model that has learnt nothing (docs/hearing.md). */
export const baselines = ['silence', 'shuffled', 'untrained'] as const
export type Baseline = (typeof baselines)[number]

/** Options that change a run's numbers, and so are part of its key. A decoder alone reads all but `baseline`: its language and task where it knows several. */
export const RunOptions = z.object({
  language: z.string().default('auto'),
  task: z.enum(['transcribe', 'translate']).default('transcribe'),
  maxTokens: z.number().int().positive().optional(),
  /** the whole decoder sequence, prompt included, used as it is instead of generating */
  tokens: z.array(z.number().int().nonnegative()).min(1).optional(),
  /** what takes the place of the clip or the weights; left out for a run as it is */
  baseline: z.enum(baselines).optional(),
})
export type RunOptions = z.output<typeof RunOptions>

export const RegionInput = z.tuple([z.number().nonnegative(), z.number().positive()])

export const RunInput = z.object({
  recording: z.string(),
  region: RegionInput,
  model: z.string(),
  options: RunOptions.prefault({}),
  device: z.enum(devices).default('auto'),
})
export type RunInput = z.output<typeof RunInput>

export interface RunProgress {
  stage: 'waiting' | 'decode' | 'load' | 'features' | 'compare' | 'prove' | 'encode' | 'token' | 'decoder' | 'store'
  /** done of total within the stage: "token 3 of 448"; total 0 where it is not known */
  done: number
  total: number
  /** from 1 on, of a region longer than the model hears at a time */
  window?: { number: number; count: number }
}

export interface TapCard {
  tap: TapName
  dtype: 'float32' | 'int64'
  shape: number[]
  axes: string[]
  /** stored, or recomputed from hidden states on demand (attention) */
  stored: boolean
}

/** One decoder position. `probability` is null for a forced token (prompt, or given by --tokens). */
export interface TokenCard {
  id: number
  text: string
  special: boolean
  forced: boolean
  probability: number | null
}

/** A stretch of equal CTC argmax, blanks dropped: a character with its time. */
export interface CharacterCard {
  text: string
  start: number
  end: number
  probability: number
}

export interface LabelCard {
  index: number
  label: string
  score: number
}

/** What a run found, but for the tensors. */
export interface RunResult {
  text: string | null
  tokens: TokenCard[] | null
  /** `detected` false where the person gave it; null for families without one */
  language: { code: string; detected: boolean; probability: number | null } | null
  characters: CharacterCard[] | null
  labels: { scores: 'softmax' | 'sigmoid'; items: LabelCard[] } | null
}

/** A model over a clip. Shown and exported with everything that made it. */
export interface Run {
  /** content address: clip, model hash, options, code version */
  id: string
  recording: { id: string; name: string }
  /** as run, after clipping to the recording */
  region: Region
  /** samples of the clip at 16 kHz */
  samples: number
  model: { id: string; hash: string; family: FamilyId; type: ModelType; variant: Variant; untrained: boolean }
  options: RunOptions
  provider: ProviderId
  /** the device's own name where the system tells it, as `DeviceCard.name` */
  device: string
  /** why this provider: "asked for", "auto: no accelerator works here", "auto: 3.1 × faster than the CPU on this model" */
  choice: string
  /** nodes of all graphs of this run by the provider that ran them */
  nodes: NodeCounts
  /** how far the provider's hidden states lie from the CPU's; null on the CPU itself */
  parity: Parity | null
  threads: number
  /** answered from the store without computing */
  fromStore: boolean
  /** wall seconds of the computation, also when it is answered from the store */
  seconds: number
  /** of these, those in which graphs were loaded: 0 where they were loaded already */
  loadSeconds: number
  encoder: Stack
  decoder?: Stack
  grids: Grids
  taps: TapCard[]
  result: RunResult
  warnings: string[]
  versions: { otoscope: string; onnxruntime: string; decoder: string }
}
