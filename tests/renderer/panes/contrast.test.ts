import { describe, expect, it } from 'vitest'
import { contrastLimit } from '../../../src/renderer/panes/contrast.ts'

const raster = (values: number[], columns: number) => ({
  rows: values.length / columns,
  columns,
  data: Float32Array.from(values),
  source: { rows: [0, 1] as [number, number], columns: [0, columns] as [number, number] },
  low: 0,
  high: 0,
})

describe('the colour range of hidden states', () => {
  it('is not taken by a few great values', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 500 ? 900 : Math.sin(i)))
    expect(contrastLimit(raster(values, 100), null)).toBeLessThanOrEqual(1)
  })
  it('does not count padding', () => {
    const grid = { start: 0, step: 1, width: 1, count: 4, valid: 2 }
    expect(contrastLimit(raster([1, -1, 50, 50], 4), grid)).toBe(1)
  })
  it('is one where there is nothing, or nothing but zeros and NaN', () => {
    expect(contrastLimit(raster([0, 0], 2), null)).toBe(1)
    expect(contrastLimit(raster([NaN, NaN], 2), null)).toBe(1)
  })
})
