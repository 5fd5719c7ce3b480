import { describe, expect, test } from 'vitest'
import type { PatchGrid } from '../../../src/contract/grid.ts'
import { bandRows, foldKeys, specialWeight } from '../../../src/engine/analysis/fold.ts'
import { headReducer } from '../../../src/engine/analysis/head-reducer.ts'

const grid: PatchGrid = { time: { start: 0, step: 0.1, width: 0.175, count: 3, valid: 2 }, bands: 2, special: 1 }
const row = Float32Array.of(0.1, 0.1, 0.2, 0.05, 0.25, 0.1, 0.2) // special, band 0 × 3 columns, band 1 × 3

describe('AST’s patches folded onto time columns', () => {
  test('keys of one column are summed over its bands, special tokens left out', () => {
    const into = new Float32Array(3)
    foldKeys(row, grid, into, 1)
    expect([...into].map((value) => Number(value.toFixed(6)))).toEqual([0.35, 0.3, 0.25])
    expect(specialWeight(row, grid)).toBeCloseTo(0.1, 6)
  })

  test('columns and special tokens share a row’s whole weight', () => {
    const into = new Float32Array(6)
    foldKeys(Float32Array.from([...row, ...row]), grid, into, 0.5)
    const total = into.reduce((sum, value) => sum + value, 0)
    expect(total + 0.5 * specialWeight(Float32Array.from([...row, ...row]), grid)).toBeCloseTo(1, 6)
  })

  test('query columns stand for the tokens of every band', () => {
    expect(bandRows(grid, [1, 3])).toEqual([
      [2, 4],
      [5, 7],
    ])
  })
})

describe('heads reduced to one map', () => {
  const maps = [Float32Array.of(0, 1, 0.5), Float32Array.of(1, 0, 0.5)]
  test.for([
    ['mean', [0.5, 0.5, 0.5]],
    ['max', [1, 1, 0.5]],
  ] as const)('by their %s', ([how, expected]) => {
    const reducer = headReducer(how, 2)
    for (const map of maps) reducer.add(map)
    expect([...reducer.result()]).toEqual(expected)
  })
})
