import type { Grids } from '../../../contract/grid.ts'
import type { FamilyId } from '../../../contract/model.ts'
import type { Tensor } from '../../../contract/tensor.ts'

/** Name of the graph's input that says, by 1 and 0, what is sound and what padding. */
export const maskInput = 'attention_mask'

/** What config.json calls the layers, heads and width of a stack. */
export interface StackKeys {
  layers: string
  heads: string
  width: string
}

export interface Decoder {
  keys: StackKeys
  /** what config.json calls the longest sequence it can write */
  positions: string
  /** what `max_length` of generation_config.json counts: the tokens that follow the prompt (Whisper), or all */
  maxLength: 'after-prompt' | 'all'
}

/** (x − mean) ÷ scale */
export interface Levelling {
  mean: number
  scale: number
}

export type Axes = ['sample'] | ['mel', 'frame'] | ['frame', 'mel']

/** What is special about a family; one small file each, listed in `families.ts`. */
export interface Family {
  id: FamilyId
  /** as its authors write it */
  name: string
  /** `model_type` values of config.json */
  modelTypes: string[]
  /** `num_hidden_layers`, `num_attention_heads`, `hidden_size` unless said */
  encoderKeys?: StackKeys
  /** where a decoder writes the text */
  decoder?: Decoder
  /** name of the graph's audio input: input_values, input_features; or where config says it */
  input: string | ((config: Record<string, unknown>) => string)
  /** where a person said what the graph hears: what they said, in words */
  mappedTo?(preprocessor: Record<string, unknown>): string
  /** seconds of the longest clip, read from preprocessor_config (Whisper 30, AST 10.24); null without limit */
  maxSeconds(preprocessor: Record<string, unknown>): number | null
  /** samples of the shortest clip that makes a step: what the first one sees (1 for Whisper, which pads) */
  minSamples(config: Record<string, unknown>): number
  /** the front end: mono samples at the model's rate → what the graph takes, without the batch dimension.
   *  Equal to Hugging Face's extractor within 5e-4 */
  features(samples: Float32Array, preprocessor: Record<string, unknown>): Tensor
  /** of features that are samples: what brought them to zero mean and unit variance; null where they are as they were */
  levelled?(samples: Float32Array, preprocessor: Record<string, unknown>): Levelling | null
  /** of the features */
  axes(preprocessor: Record<string, unknown>): Axes
  /** samples that a clip is filled up to before it has features; left out where it is taken as long as it is */
  filled?(preprocessor: Record<string, unknown>): number | undefined
  /** how many frames the graph takes as one row, [step, frames × mel]; 1 unless said */
  stacked?(preprocessor: Record<string, unknown>): number
  /** centre frequency in Hz of every mel band of the features, lowest first; null where they are samples */
  bandHertz(preprocessor: Record<string, unknown>): Float32Array | null
  /** where features and encoder steps lie, for a clip of `samples` starting at `start` seconds; `output` where a CTC head's do, if elsewhere */
  grids(samples: number, start: number, preprocessor: Record<string, unknown>, config: Record<string, unknown>): Grids
  /** attention sites after the encoder's last layer, of an adapter: Hugging Face hands out none of theirs; 0 unless said */
  adapterSites?(config: Record<string, unknown>): number
  /** hidden_states[layers]: `after-norm` (Whisper, plain Wav2Vec2) or `before-norm` (AST, stable-norm Wav2Vec2) */
  lastHidden(config: Record<string, unknown>): 'after-norm' | 'before-norm'
}

/** Name of the graph's audio input. */
export const inputOf = ({ input }: Pick<Family, 'input'>, config: Record<string, unknown>): string =>
  typeof input === 'string' ? input : input(config)
