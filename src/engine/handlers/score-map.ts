import type { z } from 'zod'
import { EngineError } from '../../contract/errors.ts'
import { outputOf } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import type { ScoreMap, ScoresQuery } from '../../contract/words.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { openCtcVocabulary } from '../analysis/ctc.ts'
import { readConfigs } from '../models/folder.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'

/** The softmax of a CTC head's logits over time, of the symbols that win somewhere in the clip. Throws `bad-input` for other heads. */
export const scoreMap = (
  store: Pick<Store, 'tensor'>,
  run: Run,
  modelFolder: string,
  { range, width, symbols: most }: z.output<typeof ScoresQuery>,
): ScoreMap => {
  if (run.model.type !== 'ctc') throw new EngineError('bad-input', `${run.model.id} has no CTC head`)
  const grid = outputOf(run.grids)
  const columns = spanSteps({ unit: 'second', range }, grid, grid.count)
  const { data, shape } = store.tensor(run.id, 'logits', columns)
  const found = winners(store.tensor(run.id, 'tokens').data as BigInt64Array, modelFolder, most)
  const ids = found.symbols.map(({ id }) => id)
  const rows: Range = [0, ids.length]
  const values = softmaxOf(data as Float32Array, shape[1] ?? 1, ids)
  const matrix = { data: values, rows, columns, valid: { rows: rows[1], columns: grid.valid } }
  return { raster: poolToRaster(matrix, { width, height: rows[1], pool: 'max' }), grid, ...found }
}

/** Blank and the `most` − 1 other symbols that win most often, by their text. */
const winners = (best: BigInt64Array, modelFolder: string, most: number): Pick<ScoreMap, 'symbols' | 'left'> => {
  const { config } = readConfigs(modelFolder)
  const vocabulary = openCtcVocabulary(modelFolder, config)
  const blank = vocabulary?.blank ?? Number(config['pad_token_id'] ?? 0)
  const wins = new Map<number, number>()
  for (const id of best) wins.set(Number(id), (wins.get(Number(id)) ?? 0) + 1)
  wins.delete(blank)
  const kept = [...wins].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most - 1)
  const symbols = kept.map(([id]) => ({ id, text: vocabulary?.text(id) ?? `#${id}`, blank: false }))
  symbols.sort((a, b) => (a.text < b.text ? -1 : 1))
  return {
    symbols: [...symbols, { id: blank, text: vocabulary?.text(blank) ?? `#${blank}`, blank: true }],
    left: wins.size - kept.length,
  }
}

/** [symbol, step] of `logits` [step, vocabulary]. */
const softmaxOf = (logits: Float32Array, vocabulary: number, ids: number[]): Float32Array => {
  const steps = logits.length / vocabulary
  const values = new Float32Array(ids.length * steps)
  for (let step = 0; step < steps; step++) {
    const row = logits.subarray(step * vocabulary, (step + 1) * vocabulary)
    let high = -Infinity
    for (const value of row) if (value > high) high = value
    let sum = 0
    for (const value of row) sum += Math.exp(value - high)
    for (const [place, id] of ids.entries()) values[place * steps + step] = Math.exp(row[id]! - high) / sum
  }
  return values
}
