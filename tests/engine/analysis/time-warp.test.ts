import { describe, expect, it } from 'vitest'
import { medianFilter } from '../../../src/engine/analysis/median-filter.ts'
import { rowStretches, tokenRows } from '../../../src/engine/analysis/token-times.ts'
import { warp } from '../../../src/engine/analysis/time-warp.ts'

/** Held against transformers' numbers in tests/engine/inference/query-words.test.ts. */

describe('a time warp', () => {
  it('enters each row where its steps begin to cost less', () => {
    // prettier-ignore
    const cost = Float64Array.of(
      0, 0, 1, 1, 1, 1,
      1, 1, 0, 0, 0, 1,
      1, 1, 1, 1, 1, 0,
    )
    expect([...warp(cost, 3, 6)]).toEqual([0, 2, 5])
  })
  it('goes along the steps where all ways cost the same', () => {
    expect([...warp(new Float64Array(8), 2, 4)]).toEqual([0, 0])
  })
  it('enters every row where there are more of them than steps', () => {
    const starts = warp(Float64Array.of(0, 1, 1, 0, 1, 0), 3, 2)
    expect(starts[0]).toBe(0)
    expect([...starts]).toEqual([...starts].sort())
  })
  it('gives the last row all that is left, and a single one everything', () => {
    expect(rowStretches(new Float64Array(4), 4)).toEqual([[0, 4]])
    expect(rowStretches(Float64Array.of(1, 1, -1, -1, -1, -1, 1, 1), 4)).toEqual([
      [0, 2],
      [2, 4],
    ])
  })
})

describe('the rows that are warped', () => {
  it('begin where the first token is read, or with the row that writes it', () => {
    expect(tokenRows(4, true, 9, 'read')).toEqual({ rows: [4, 8], lag: 0 })
    expect(tokenRows(4, true, 9, 'written')).toEqual({ rows: [3, 8], lag: 1 })
  })
  it('go to the last token where nothing ends the sequence', () => {
    expect(tokenRows(4, false, 9, 'read')).toEqual({ rows: [4, 9], lag: 0 })
  })
  it('are none where nothing was written, and have none for a token that nothing stands before', () => {
    expect(tokenRows(4, true, 5, 'read').rows).toEqual([4, 4])
    expect(tokenRows(0, false, 3, 'written')).toEqual({ rows: [0, 3], lag: 1 })
  })
})

describe('a running median', () => {
  it('mirrors the edges', () => {
    expect([...medianFilter(Float64Array.of(9, 1, 2, 3, 9), 5, 3)]).toEqual([1, 2, 2, 3, 3])
  })
  it('stays within a row, and leaves alone what is too short to mirror', () => {
    expect([...medianFilter(Float64Array.of(0, 0, 0, 5, 5, 5), 3, 3)]).toEqual([0, 0, 0, 5, 5, 5])
    expect([...medianFilter(Float64Array.of(3, 1, 2), 3, 7)]).toEqual([3, 1, 2])
  })
})
