import { describe, expect, it } from 'vitest'
import type { TimeGrid } from '../../../src/contract/grid.ts'
import { shareNear, weightAt } from '../../../src/renderer/panes/reading.ts'

const grid: TimeGrid = { start: 2, step: 0.1, width: 0.1, count: 10, valid: 8 }

describe('what is read off an attention row', () => {
  it('is the share of weight near the query, edges included', () => {
    const values = new Float32Array(10).fill(0.1)
    expect(shareNear(values, grid, 2.5, 0.2)).toBeCloseTo(0.5, 6)
    expect(shareNear(values, grid, 2, 0.2)).toBeCloseTo(0.3, 6)
    expect(shareNear(new Float32Array(10), grid, 2)).toBe(0)
  })
  it('is the weight of the key under the cursor', () => {
    const values = Float32Array.from({ length: 10 }, (_, i) => i / 100)
    const found = weightAt({ values, grid, greatest: null, paddingShare: null }, 2.31)
    expect(found?.weight).toBeCloseTo(0.03, 6)
    expect(found?.at).toBeCloseTo(2.3, 9)
    expect(weightAt({ values, grid: null, greatest: null, paddingShare: null }, 2.3)).toBeNull()
  })
})
