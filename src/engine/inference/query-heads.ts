import { EngineError } from '../../contract/errors.ts'
import type { Alignment, Variant } from '../../contract/model.ts'
import { openModel } from '../models/open.ts'
import type { WeightRows } from './weight-rows.ts'

/** The alignment heads of a checkpoint, which lie in several layers. */

export interface Place {
  modelFolder: string
  modelVariant: Variant
}

/** Throws `bad-input` where the checkpoint names none. */
export const alignmentOf = ({ modelFolder, modelVariant }: Place): Alignment => {
  const { card } = openModel(modelFolder, modelVariant)
  if (!card.alignment)
    throw new EngineError('bad-input', `${card.id} names no alignment heads in its generation_config.json`)
  return card.alignment
}

/** Rows of heads of several layers as if they were one's. */
export const alignedRows = async (
  pairs: Alignment['heads'],
  rowsOf: (layer: number) => Promise<WeightRows>,
): Promise<WeightRows> => {
  const layers: WeightRows[] = []
  for (const [layer] of pairs) layers.push(await rowsOf(layer))
  const { queries, keys } = layers[0]!
  return {
    heads: pairs.length,
    queries,
    keys,
    of: (i, rows, each, signal) => layers[i]!.of(pairs[i]![1], rows, each, signal),
  }
}
