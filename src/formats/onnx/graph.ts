/** Bytes of the file. */
export interface Span {
  offset: number
  length: number
}

/** An ONNX graph as read without its large weights. Field names follow onnx.proto. */

export interface OnnxNode {
  name: string
  opType: string
  domain: string
  /** '' stands for an optional input left out */
  inputs: string[]
  outputs: string[]
  attributes: Map<string, OnnxAttribute>
  /** of an `Attention` operator: the weights, an output that it gives when asked (attention-op.ts) */
  weights?: string
  /** the node's own bytes in the file, tag and length left out: copied as they are into skeletons */
  span: Span
  /** of a node that is not in the file: its bytes, and the fused node of the file that it and others stand for */
  part?: { bytes: Uint8Array; of: OnnxNode }
}

export type OnnxAttribute = number | string | number[] | string[] | OnnxTensor | { graph: Span }

export interface OnnxTensor {
  name: string
  /** TensorProto.DataType */
  dataType: number
  dims: number[]
  /** where the raw bytes lie: in the model file itself, or in an external file beside it */
  data: { offset: number; length: number; location: string | null }
  /** the message's own bytes in the model file (tag and length left out) */
  span: Span
  /** false where the values are in typed fields (float_data …) and not in raw_data */
  raw: boolean
}

export interface OnnxValue {
  name: string
  dataType: number
  shape: (number | string)[]
  span: Span
}

export interface OnnxGraph {
  irVersion: number
  /** one branch of a merged decoder's `If`, taken out of the model's graph */
  isBranch: boolean
  /** domain → version; '' is the default domain */
  opsets: Map<string, number>
  producer: string
  /** in the order they run */
  nodes: OnnxNode[]
  initializers: Map<string, OnnxTensor>
  inputs: OnnxValue[]
  outputs: OnnxValue[]
  /** tensor name → the node that makes it */
  producers: Map<string, OnnxNode>
  /** tensor name → the nodes that use it */
  consumers: Map<string, OnnxNode[]>
}

/** Random access to a model file; `read` returns exactly `length` bytes or throws. */
export interface ByteSource {
  readonly size: number
  read(offset: number, length: number): Uint8Array
}
