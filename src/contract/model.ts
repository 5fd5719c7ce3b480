import type { TapName } from './tap.ts'

/** What a model of no known family may hear: a person says which, and the rest is read from its graph. Each is a family's id. */
export const soundInputs = ['waveform', 'log-mel', 'filter-bank'] as const
export type SoundInput = (typeof soundInputs)[number]

export const families = [
  'wav2vec2',
  'whisper',
  'ast',
  'hubert',
  'wavlm',
  'data2vec-audio',
  'unispeech',
  'unispeech-sat',
  'sew',
  'wav2vec2-conformer',
  'wav2vec2-bert',
  'moonshine',
  ...soundInputs,
] as const
export type FamilyId = (typeof families)[number]

/** Whether a person said what the model hears. */
export const isMapped = (family: FamilyId): family is SoundInput => soundInputs.some((input) => input === family)

/** `encoder` has no head that is read: hidden states only. */
export type ModelType = 'ctc' | 'encoder' | 'encoder-decoder' | 'classifier'

/**
 * How the weights of a graph are stored, as the hub's file names say it: model.onnx, model_fp16.onnx, model_quantized.onnx (`q8`),
 * model_int8.onnx, model_uint8.onnx, model_q4.onnx, model_q4f16.onnx, model_bnb4.onnx. The best numbers come first.
 */
export const variants = ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'] as const
export type Variant = (typeof variants)[number]

export interface Stack {
  layers: number
  heads: number
  width: number
}

/**
 * Whether the row of an alignment head looks at the token that is read there, or at the one that is written next. OpenAI's
 * checkpoints do the latter, which is what their word times and Hugging Face's pipeline count on.
 */
export type AlignmentRows = 'read' | 'written'

/** The cross-attention heads that tell when tokens are said: `alignment_heads` of generation_config.json. */
export interface Alignment {
  heads: [layer: number, head: number][]
  rows: AlignmentRows
}

/** A line of the model list: read from config files alone, without opening a graph. */
export interface ModelCard {
  /** catalogue id, imported name, or the folder's name; what `--models` and calls take */
  id: string
  family: FamilyId
  type: ModelType
  untrained: boolean
  /** `hub`: it lies in Hugging Face's cache, whoever downloaded it */
  origin: 'shipped' | 'imported' | 'folder' | 'hub'
  /** size of the graph files of `variant` */
  bytes: number
  /** which of its weights this card opens; `id:q8` names another than the first of `variants` */
  variant: Variant
  /** those the folder holds in full, best first */
  variants: Variant[]
  /** where it came from on the hub, and the commit that is here; null for other origins */
  hub: { repo: string; revision: string } | null
  licence: string | null
  /** what its otoscope.json says of it, in a sentence without a full stop: how it was made, what to expect */
  note: string | null
  encoder: Stack
  decoder?: Stack
  /** Whisper: language codes its generation_config names; empty when English-only */
  languages?: string[]
  /** of an encoder-decoder; null where its generation_config names no alignment heads */
  alignment?: Alignment | null
  /** the longest region a run takes, in seconds; null where there is no limit */
  maxSeconds: number | null
  /** the shortest, in seconds: what one step sees (usually 400 samples for Wav2Vec2 and AST) */
  minSeconds: number
}

export interface SiteCard {
  tap: TapName
  kind: 'encoder-self' | 'decoder-self' | 'cross'
  layer: number
  heads: number
}

export interface TensorCard {
  name: string
  dtype: string
  /** a number, or the name of a dynamic dimension */
  shape: (number | string)[]
}

/** One place on a clip's way through a model: what it hands on, without the batch dimension. */
export interface FlowStage {
  part: 'sound' | 'filled' | 'features' | 'rows' | 'steps' | 'encoder' | 'decoder' | 'output'
  /** how it is made of what stands before it, in a few words; empty for the sound */
  by: string
  shape: number[]
  /** a word for every size: sample, mel, frame, value, step, width, token, score, label */
  axes: string[]
  /** what else there is to say of it, a clause each */
  notes: string[]
}

/** A clip's way through a model, in order, with the shapes it really has. */
export interface ModelFlow {
  /** of the clip: those asked for, as far as the model can hear them at once */
  seconds: number
  stages: FlowStage[]
}

/** The architecture table: `otoscope inspect --json` prints this, and the flow of a clip beside it. */
export interface Inspection {
  id: string
  family: FamilyId
  type: ModelType
  untrained: boolean
  /** `encoder` is what makes the hidden states, stem included; `head` the CTC or classifier head (0 when tied or absent) */
  parameters: { total: number; encoder: number; decoder: number; head: number }
  encoder: Stack
  decoder?: Stack
  vocabulary: number | null
  positions: number | null
  inputs: TensorCard[]
  outputs: TensorCard[]
  /** milliseconds from one encoder step (AST: patch column) to the next */
  stepMs: number
  sites: SiteCard[]
}
