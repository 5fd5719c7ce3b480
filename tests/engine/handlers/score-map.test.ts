import { describe, expect, it } from 'vitest'
import type { Run } from '../../../src/contract/run.ts'
import type { Range } from '../../../src/contract/tensor.ts'
import { scoreMap } from '../../../src/engine/handlers/score-map.ts'
import { goldenModel } from '../../support/models.ts'

/** Four steps of a head with 32 letters: blank, A, A and E, in which T comes second. */
const vocabulary = 32
const [blank, E, T, A] = [0, 5, 6, 7]
const logits = new Float32Array(4 * vocabulary)
const best = [blank, A, A, E]
for (const [step, id] of best.entries()) logits[step * vocabulary + id] = 4
logits[3 * vocabulary + T] = 3
const grid = { start: 0.01, step: 0.02, width: 0.025, count: 4, valid: 4 }
const run = { id: 'run', model: { id: 'ctc', type: 'ctc' }, grids: { features: grid, encoder: grid } } as unknown as Run
const store = {
  tensor: (_run: string, tap: string, range: Range = [0, 4]) =>
    tap === 'tokens'
      ? { dtype: 'int64', shape: [4], axes: ['step'], data: BigInt64Array.from(best, BigInt) }
      : {
          dtype: 'float32',
          shape: [range[1] - range[0], vocabulary],
          axes: ['step', 'vocabulary'],
          data: logits.slice(range[0] * vocabulary, range[1] * vocabulary),
        },
} as unknown as Parameters<typeof scoreMap>[0]
const ask = (changes: Record<string, unknown> = {}) =>
  scoreMap(store, run, goldenModel('wav2vec2-sdpa-17'), {
    run: 'run',
    range: [0, 0.08],
    width: 4,
    symbols: 8,
    ...changes,
  })

describe('the scores of a CTC head', () => {
  it('have a row for every symbol that wins somewhere, by its text, the blank last', () => {
    const { symbols, left, raster } = ask()
    expect(symbols).toEqual([
      { id: A, text: 'A', blank: false },
      { id: E, text: 'E', blank: false },
      { id: blank, text: '<pad>', blank: true },
    ])
    expect([left, raster.rows, raster.columns]).toEqual([0, 3, 4])
  })
  it('are the softmax over the whole vocabulary', () => {
    const { raster } = ask()
    const sure = Math.exp(4) / (Math.exp(4) + 31)
    expect(raster.data[1]).toBeCloseTo(sure, 6)
    expect(raster.data[0]).toBeCloseTo(1 / (Math.exp(4) + 31), 6)
    expect(raster.data[4 + 3]).toBeCloseTo(Math.exp(4) / (Math.exp(4) + Math.exp(3) + 30), 6)
  })
  it('keep those that win most often where there is no room for all, and say how many were left out', () => {
    const { symbols, left } = ask({ symbols: 2 })
    expect([symbols.map(({ text }) => text), left]).toEqual([['A', '<pad>'], 1])
  })
  it('name the same symbols for a part of the clip, pooled to the pixels there are', () => {
    const { symbols, raster } = ask({ range: [0.02, 0.06], width: 1 })
    expect(symbols.map(({ text }) => text)).toEqual(['A', 'E', '<pad>'])
    expect(raster.source.columns).toEqual([1, 3])
    expect([raster.columns, raster.data[0]! > 0.5, raster.data[2]! < 0.1]).toEqual([1, true, true])
  })
  it('are asked in vain of a model without such a head', () => {
    const other = { ...run, model: { ...run.model, type: 'classifier' } } as Run
    expect(() => scoreMap(store, other, '', { run: 'run', range: [0, 1], width: 1, symbols: 2 })).toThrow(/no CTC head/)
  })
})
