import { describe, expect, it } from 'vitest'
import type { Run } from '../../../src/contract/run.ts'
import type { Range } from '../../../src/contract/tensor.ts'
import { scoreMap, type ScoredRun } from '../../../src/engine/handlers/score-map.ts'
import { goldenModel } from '../../support/models.ts'

/** Four steps of a head with 32 letters: blank, A, A and E, in which T comes second. */
const vocabulary = 32
const [blank, E, T, A] = [0, 5, 6, 7]
const best = [blank, A, A, E]
const grid = { start: 0.01, step: 0.02, width: 0.025, count: 4, valid: 4 }
const run = { id: 'run', model: { id: 'ctc', type: 'ctc' }, grids: { features: grid, encoder: grid } } as unknown as Run
/** a second window of the same region: its first step is context, and its symbols are E, T, blank and T */
const [secondBest, second] = [
  [E, T, blank, T],
  { ...run, id: 'second', region: [0.06, 0.14], grids: { features: grid, encoder: { ...grid, start: 0.07 } } } as Run,
]
const store = {
  tensor: (id: string, tap: string, range: Range = [0, 4]) => {
    const ids = id === 'second' ? secondBest : best
    if (tap === 'tokens') return { dtype: 'int64', shape: [4], axes: ['step'], data: BigInt64Array.from(ids, BigInt) }
    const data = new Float32Array(4 * vocabulary)
    for (const [step, symbol] of ids.entries()) data[step * vocabulary + symbol] = 4
    if (id === 'run') data[3 * vocabulary + T] = 3
    const [from, to] = range
    return {
      dtype: 'float32',
      shape: [to - from, vocabulary],
      axes: ['step', 'vocabulary'],
      data: data.slice(from * vocabulary, to * vocabulary),
    }
  },
} as unknown as Parameters<typeof scoreMap>[0]
const ask = (changes: Record<string, unknown> = {}, runs: ScoredRun[] = [{ run }]) =>
  scoreMap(store, runs, goldenModel('wav2vec2-sdpa-17'), { range: [0, 0.08], width: 4, symbols: 8, ...changes })

describe('the scores of a CTC head', () => {
  it('have a row for every symbol that wins somewhere, by its text, the blank last', async () => {
    const { symbols, left, maps } = await ask()
    expect(symbols).toEqual([
      { id: A, text: 'A', blank: false },
      { id: E, text: 'E', blank: false },
      { id: blank, text: '<pad>', blank: true },
    ])
    expect([left, maps.length, maps[0]!.raster.rows, maps[0]!.raster.columns]).toEqual([0, 1, 3, 4])
  })
  it('are the softmax over the whole vocabulary', async () => {
    const { data } = (await ask()).maps[0]!.raster
    const sure = Math.exp(4) / (Math.exp(4) + 31)
    expect(data[1]).toBeCloseTo(sure, 6)
    expect(data[0]).toBeCloseTo(1 / (Math.exp(4) + 31), 6)
    expect(data[4 + 3]).toBeCloseTo(Math.exp(4) / (Math.exp(4) + Math.exp(3) + 30), 6)
  })
  it('keep those that win most often where there is no room for all, and say how many were left out', async () => {
    const { symbols, left } = await ask({ symbols: 2 })
    expect([symbols.map(({ text }) => text), left]).toEqual([['A', '<pad>'], 1])
  })
  it('name the same symbols for a part of the clip, pooled to the pixels there are', async () => {
    const { symbols, maps } = await ask({ range: [0.02, 0.06], width: 1 })
    const { raster } = maps[0]!
    expect(symbols.map(({ text }) => text)).toEqual(['A', 'E', '<pad>'])
    expect(raster.source.columns).toEqual([1, 3])
    expect([raster.columns, raster.data[0]! > 0.5, raster.data[2]! < 0.1]).toEqual([1, true, true])
  })
  it('of windows have the same rows, without the steps of a context, each where its own grid says', async () => {
    const runs: ScoredRun[] = [
      { run: { ...run, region: [0, 0.1] }, shown: [0, 0.08] },
      { run: second, shown: [0.08, 0.14] },
    ]
    const range = [0, 0.14]
    const { symbols, left, maps } = await ask({ range, width: 70 }, runs)
    expect([symbols.map(({ text }) => text), left]).toEqual([['A', 'E', 'T', '<pad>'], 0])
    expect(maps.map(({ raster, grid }) => [raster.source.columns, grid.start])).toEqual([
      [[0, 4], 0.01],
      [[1, 4], 0.07],
    ])
    // row by row the numbers of either alone
    for (const [i, map] of maps.entries()) {
      const alone = (await ask({ range, width: 70 }, [runs[i]!])).maps[0]!.raster
      const rows = i === 0 ? [0, 1] : [2]
      for (const row of rows) {
        const { columns } = map.raster
        const own = i === 0 ? row : 0
        expect([...map.raster.data.slice(row * columns, (row + 1) * columns)]).toEqual([
          ...alone.data.slice(own * columns, (own + 1) * columns),
        ])
      }
    }
    // a window that shows nothing of the range has its symbols among the rows, and no map
    const first = await ask({ range: [0, 0.06] }, runs)
    expect([first.symbols.length, first.maps.length]).toEqual([4, 1])
  })
  it('are asked in vain of a model without such a head', async () => {
    const other = { ...run, model: { ...run.model, type: 'classifier' } } as Run
    await expect(ask({}, [{ run: other }])).rejects.toThrow(/no CTC head/)
  })
})
