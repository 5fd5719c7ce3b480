import type { Inspection, ModelCard } from '../../contract/model.ts'
import type { OnnxGraph, OnnxTensor } from '../../formats/onnx/graph.ts'

/** A model folder, opened: its configs and, per graph file, where hidden states and attention are. */

/** An attention site, read from the graph's structure (design §1.2). All names are tensor names of its graph. */
export interface Site {
  kind: 'self' | 'cross'
  layer: number
  heads: number
  /** the softmax's output: [batch, head, query, key], or [batch·head, query, key] when `rank` is 3 */
  weights: string
  rank: 3 | 4
  /** what the attention's result is added to: the hidden state entering the layer, or what a Conformer's first half step made of it */
  hidden: string
  /** operands of the score MatMul: weights = softmax(scale · query × key), key already transposed to [.., width, key] */
  query: string
  key: string
  /** constant factor applied between the score MatMul and the softmax (eager exports), else 1 */
  scale: number
  /**
   * `weights` are more than that: something that is no constant factor (mask, relative position) is added in between, or scores are
   * rounded to whole numbers. Cut at `weights` instead
   */
  added: boolean
}

export interface ModelGraph {
  /** absolute path of the .onnx file, links resolved */
  path: string
  graph: OnnxGraph
  /** file of each external data location the graph names, links resolved; empty where all weights are in `path` */
  external: Map<string, string>
  /** the stock weight behind each location that holds one shuffled (untrained-twin.ts) */
  shuffled?: ReadonlyMap<string, OnnxTensor>
  /** tensor of hidden_states[i], i = 0 … layers, by Hugging Face's convention of the family */
  hidden: string[]
  /** the stack's last tensor, the norm after it included: what a head reads */
  top: string
  /** TensorProto.DataType by tensor, where it shows */
  types: Map<string, number>
  self: Site[]
  cross: Site[]
}

export interface Model {
  card: ModelCard
  folder: string
  config: Record<string, unknown>
  preprocessor: Record<string, unknown>
  generation: Record<string, unknown> | null
  /** the encoder's output that holds the logits of a head; null without one */
  logits: string | null
  /** Whisper: `encoder`, `decoder` (no past; for the teacher-forced pass), `decoderWithPast` where the folder has one; others: `encoder` alone */
  encoder: ModelGraph
  decoder?: ModelGraph
  decoderWithPast?: ModelGraph
  inspection: Inspection
}
