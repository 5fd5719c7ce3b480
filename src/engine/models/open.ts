import { EngineError } from '../../contract/errors.ts'
import type { Model } from './model.ts'

/**
 * Reads configs and the structure of every graph (not the weights); remembered until one of the files changes. `card.type` and
 * `inspection.type` are what the graph can do: 'encoder' where config.json promises a head the graph lacks.
 * Throws `not-found` or `bad-model` with a sentence.
 */
export const openModel = (folder: string): Model => {
  throw new EngineError('not-yet', folder)
}
