import { describe, expect, test } from 'vitest'
import { layPatches, patchAt } from '../../src/signal/patches.ts'

const values = Float32Array.of(1, 2, 3, 4) // two bands of two columns
const touching = { first: 0, step: 2, size: 2 }
const overlapping = { first: 0, step: 2, size: 3 }

describe('patches laid back', () => {
  test('that touch: each is drawn where it was cut from, and nothing beyond them', () => {
    const laid = layPatches(
      values,
      { bands: 2, columns: 2, shown: 2, bins: touching, frames: touching },
      { bins: 5, frames: 5 },
    )
    const [low, high, bare] = [[1, 1, 2, 2, NaN], [3, 3, 4, 4, NaN], Array<number>(5).fill(NaN)] as const
    expect([...laid]).toEqual([low, low, high, high, bare].flat())
  })

  test('that overlap: the mean of those that cover a cell', () => {
    const laid = layPatches(
      values,
      { bands: 2, columns: 2, shown: 2, bins: overlapping, frames: overlapping },
      { bins: 5, frames: 6 },
    )
    expect([...laid.subarray(0, 6)]).toEqual([1, 1, 1.5, 2, 2, NaN])
    expect([...laid.subarray(12, 18)]).toEqual([2, 2, 2.5, 3, 3, NaN])
    expect([...laid.subarray(24, 30)]).toEqual([3, 3, 3.5, 4, 4, NaN])
  })

  test('columns that are not shown do not count where they overlap others', () => {
    const layout = { bands: 2, columns: 2, shown: 1, bins: touching, frames: overlapping }
    expect([...layPatches(values, layout, { bins: 1, frames: 5 })]).toEqual([1, 1, 1, NaN, NaN])
  })

  test('the first may begin before the first cell, as padded convolutions do', () => {
    const padded = { first: -1, step: 2, size: 3 }
    const layout = { bands: 2, columns: 2, shown: 2, bins: touching, frames: padded }
    expect([...layPatches(values, layout, { bins: 1, frames: 4 })]).toEqual([1, 1.5, 2, 2])
  })
})

test('a cell belongs to the patch whose middle is nearest', () => {
  const ast = { first: 0, step: 10, size: 16 }
  expect([0, 7, 12, 13, 22, 1023].map((cell) => patchAt(ast, 101, cell))).toEqual([0, 0, 0, 1, 1, 100])
  expect([0, 15, 16, 127].map((cell) => patchAt({ first: 0, step: 16, size: 16 }, 8, cell))).toEqual([0, 0, 1, 7])
})
