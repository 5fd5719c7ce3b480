import { EngineError } from '../../contract/errors.ts'
import type { ModelCard } from '../../contract/model.ts'

/** Absolute paths of a folder's graph files, links resolved. Quantised and merged variants are not looked at. */
export interface GraphFiles {
  encoder: string
  decoder?: string
  decoderWithPast?: string
}

/** Throws `bad-model` where a graph the family needs is missing, saying which files would do. */
export const findGraphs = (folder: string): GraphFiles => {
  throw new EngineError('not-yet', folder)
}

/**
 * The folder's line in the model list, from config files alone. `id` is the folder's name and `origin` 'folder'; the registry
 * overrides both. Throws `not-found` (no such folder) or `bad-model` with a sentence.
 */
export const readCard = (folder: string): ModelCard => {
  throw new EngineError('not-yet', folder)
}
