import { z } from 'zod'
import type { Grid, TimeGrid } from './grid.ts'
import type { FamilyId, ModelType, Stack } from './model.ts'
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
  name: string
  /** why not; empty when it works */
  reason: string
}

/** Options that change a run's numbers, and so are part of its key. Whisper alone reads the last four. */
export const RunOptions = z.object({
  language: z.string().default('auto'),
  task: z.enum(['transcribe', 'translate']).default('transcribe'),
  maxTokens: z.number().int().positive().optional(),
  /** the whole decoder sequence, prompt included, used as it is instead of generating */
  tokens: z.array(z.number().int().nonnegative()).min(1).optional(),
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
  stage: 'waiting' | 'decode' | 'load' | 'features' | 'encode' | 'token' | 'decoder' | 'store'
  /** done of total within the stage: "token 3 of 448"; total 0 where it is not known */
  done: number
  total: number
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
  model: { id: string; hash: string; family: FamilyId; type: ModelType; untrained: boolean }
  options: RunOptions
  provider: ProviderId
  threads: number
  /** answered from the store without computing */
  fromStore: boolean
  /** wall seconds of the computation, also when it is answered from the store */
  seconds: number
  encoder: Stack
  decoder?: Stack
  grids: { features: TimeGrid; encoder: Grid }
  taps: TapCard[]
  result: RunResult
  warnings: string[]
  versions: { otoscope: string; onnxruntime: string; decoder: string }
}
