import { EngineError } from '../../contract/errors.ts'
import type { OnnxValue } from '../../formats/onnx/graph.ts'
import type { ModelGraph } from './model.ts'

/**
 * Writes a skeleton of the stock graph with `outputs` exposed into `folder` (a work folder) and returns its path, to be loaded by
 * path. The weights stay in the stock file, hard-linked beside it (copied where a link is refused). Asking again for the
 * same outputs in the same folder answers the same file.
 */
export const writeSkeleton = (graph: ModelGraph, folder: string, outputs: string[]): string => {
  throw new EngineError('not-yet', `${graph.path} ${folder} ${outputs.length}`)
}

/**
 * Writes the sub-graph from the tensors `inputs` (hidden states, say) to `outputs` and returns its path and everything it must be
 * fed: the given tensors it reaches and the stock graph inputs it still needs (`encoder_hidden_states`, `input_ids` …).
 */
export const writeCut = (
  graph: ModelGraph,
  folder: string,
  inputs: string[],
  outputs: string[],
): { path: string; inputs: OnnxValue[] } => {
  throw new EngineError('not-yet', `${graph.path} ${folder} ${inputs.length} ${outputs.length}`)
}
