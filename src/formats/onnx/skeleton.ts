import type { ByteSource, OnnxGraph, OnnxValue } from './graph.ts'

/** Small models made of a stock graph that hold no weights themselves but point at the stock files (design §1.1, §1.3). */

/** The file name, beside the skeleton, under which the bytes of the stock model (`null`) or of its external file lie. */
export type WeightsFile = (location: string | null) => string

/** The whole stock graph with `outputs` exposed as well; those that are outputs already are not repeated. */
export const skeleton = (
  graph: OnnxGraph,
  source: ByteSource,
  options: { outputs: string[]; weightsFile: WeightsFile },
): Uint8Array => {
  throw new Error(`not written: ${graph.producer} ${source.size} ${options.outputs.length}`)
}

/** A tensor that becomes an input of a cut: its type, and its shape where the rank is known. */
export interface CutInput {
  name: string
  dataType: number
  shape: (number | string)[] | null
}

/**
 * The nodes that `outputs` need, back to `inputs`; `inputs` of the answer are all the tensors the cut must be fed: those of
 * `inputs` that were reached and the graph inputs found on the way.
 */
export const cut = (
  graph: OnnxGraph,
  source: ByteSource,
  options: { inputs: CutInput[]; outputs: string[]; weightsFile: WeightsFile },
): { bytes: Uint8Array; inputs: OnnxValue[] } => {
  throw new Error(`not written: ${graph.producer} ${source.size} ${options.outputs.length}`)
}
