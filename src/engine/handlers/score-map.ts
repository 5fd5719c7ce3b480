import type { z } from 'zod'
import { EngineError } from '../../contract/errors.ts'
import { outputOf } from '../../contract/grid.ts'
import { stepsShown } from '../../contract/joined.ts'
import type { Run } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import type { ScoreMap, ScoresQuery } from '../../contract/words.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { openCtcVocabulary } from '../analysis/ctc.ts'
import { readConfigs } from '../models/folder.ts'
import { createPace } from '../pace.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'

type Input = Omit<z.output<typeof ScoresQuery>, 'runs'>

/** A run with the seconds that it stands for; without them all of its steps are shown. */
export interface ScoredRun {
  run: Run
  shown?: Range | undefined
}

/**
 * The softmax of a CTC head's logits over time, of the symbols that win somewhere in what the runs show: the same rows for all of them.
 * Of a window the steps are those that `export` joins. Throws `bad-input` for other heads.
 */
export const scoreMap = async (
  store: Pick<Store, 'tensor'>,
  runs: readonly ScoredRun[],
  modelFolder: string,
  { range, width, symbols: most }: Input,
  signal?: AbortSignal,
): Promise<ScoreMap> => {
  const pace = createPace(signal)
  const wins = new Map<number, number>()
  const parts: { run: Run; columns: Range }[] = []
  for (const { run, shown } of runs) {
    if (run.model.type !== 'ctc') throw new EngineError('bad-input', `${run.model.id} has no CTC head`)
    const grid = outputOf(run.grids)
    const steps: Range = shown ? stepsShown(grid, run.region, shown) : [0, grid.count]
    const best = store.tensor(run.id, 'tokens').data as BigInt64Array
    for (const id of best.subarray(...steps)) wins.set(Number(id), (wins.get(Number(id)) ?? 0) + 1)
    await pace()
    if (shown && (shown[1] <= range[0] || shown[0] >= range[1])) continue
    const visible = spanSteps({ unit: 'second', range }, grid, grid.count)
    const columns: Range = [Math.max(steps[0], visible[0]), Math.min(steps[1], visible[1])]
    if (columns[1] > columns[0]) parts.push({ run, columns })
  }
  const found = winners(wins, modelFolder, most)
  const ids = found.symbols.map(({ id }) => id)
  const rows: Range = [0, ids.length]
  const all = parts.reduce((sum, { columns }) => sum + columns[1] - columns[0], 0)
  const maps: ScoreMap['maps'] = []
  for (const { run, columns } of parts) {
    const { data, shape } = store.tensor(run.id, 'logits', columns)
    const values = softmaxOf(data as Float32Array, shape[1] ?? 1, ids)
    const grid = outputOf(run.grids)
    const matrix = { data: values, rows, columns, valid: { rows: rows[1], columns: grid.valid } }
    const pixels = Math.ceil((width * (columns[1] - columns[0])) / all)
    maps.push({ raster: poolToRaster(matrix, { width: pixels, height: rows[1], pool: 'max' }), grid })
    await pace()
  }
  return { maps, ...found }
}

/** Blank and the `most` − 1 other symbols that win most often, by their text. `wins`: at how many steps, by the symbol's id. */
const winners = (wins: Map<number, number>, modelFolder: string, most: number): Pick<ScoreMap, 'symbols' | 'left'> => {
  const { config } = readConfigs(modelFolder)
  const vocabulary = openCtcVocabulary(modelFolder, config)
  const blank = vocabulary?.blank ?? Number(config['pad_token_id'] ?? 0)
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
