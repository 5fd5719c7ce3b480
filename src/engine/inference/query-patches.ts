import { EngineError } from '../../contract/errors.ts'
import type { PatchGrid } from '../../contract/grid.ts'
import type { LayerHeads } from '../../contract/heads.ts'
import type { PatchWeights, PatchesQuery } from '../../contract/patches.ts'
import { headReducer } from '../analysis/head-reducer.ts'
import type { Kernel } from './kernel.ts'
import { eachBlock, headList, type MapAxes } from './query-map.ts'
import type { Operands } from './query-site.ts'

/** The row of one token over patches [band, column], heads reduced. Throws `bad-input` where there are no patches, or not this one. */
export const attentionPatches = async (
  { operands, kernel, axes }: { operands: Operands; kernel: Kernel; axes: MapAxes },
  { heads, query }: { heads: LayerHeads; query: PatchesQuery },
  signal: AbortSignal,
): Promise<PatchWeights> => {
  const { patches, queryGrid } = axes
  if (!patches || !queryGrid) throw new EngineError('bad-input', 'this attention is not one of patches')
  const row = tokenOf(query, patches)
  const list = headList(heads, operands.heads)
  const [shown, mean] = [headReducer(heads === 'max' ? 'max' : 'mean', list.length), headReducer('mean', list.length)]
  for (const head of list) {
    const add = (weights: Float32Array): void => {
      shown.add(weights)
      mean.add(weights)
    }
    await eachBlock(kernel, operands, head, [row, row + 1], add, signal)
  }
  const whole = mean.result()
  const { special, time } = patches
  return {
    values: shown.result().slice(special),
    special: [...whole.subarray(0, special)],
    padding: whole.reduce(
      (sum, w, key) => (key >= special && (key - special) % time.count >= time.valid ? sum + w : sum),
      0,
    ),
  }
}

const tokenOf = (query: PatchesQuery, { bands, special, time }: PatchGrid): number => {
  if ('token' in query) {
    if (query.token < special) return query.token
    throw new EngineError('bad-input', `there is no special token ${query.token}: the model has ${special}`)
  }
  const { band, column } = query
  if (band < bands && column < time.count) return special + band * time.count + column
  throw new EngineError(
    'bad-input',
    `there is no patch in band ${band}, column ${column}: there are ${bands} × ${time.count}, counted from 0`,
  )
}
