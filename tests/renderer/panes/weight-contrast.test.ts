import { describe, expect, it } from 'vitest'
import type { AttentionLine } from '../../../src/contract/engine.ts'
import type { Raster } from '../../../src/contract/tensor.ts'
import { contrasted, lineHeights } from '../../../src/renderer/panes/weight-contrast.ts'

/** two rows of three keys, of which the last is padding */
const raster: Raster = {
  rows: 2,
  columns: 3,
  data: Float32Array.of(0.1, 0.4, 0.5, 0.2, 0.2, 0.6),
  source: { rows: [0, 2], columns: [0, 3] },
  low: 0.1,
  high: 0.4,
}
const audible = { rows: 2, columns: 2 }
const shown = (contrast: Parameters<typeof contrasted>[1]) => contrasted(raster, contrast, [0.1, 0.4], audible)
const line = (values: number[], greatest: number[] | null = null): AttentionLine => ({
  values: Float32Array.from(values),
  greatest: greatest && Float32Array.from(greatest),
  grid: null,
  paddingShare: null,
})
const rounded = (values: Float32Array): number[] => Array.from(values, (value) => Number(value.toFixed(3)))

describe('the contrast of a map', () => {
  it('leaves weights as they are in log and linear, over the range it is given', () => {
    for (const scale of ['log', 'linear'] as const) {
      expect(shown(scale).raster).toBe(raster)
      expect(shown(scale).colour).toMatchObject({ low: 0.1, high: 0.4, scale })
    }
    expect(contrasted(raster, 'log', [0, 0.4], audible).colour.low).toBeCloseTo(4e-4)
  })
  it('is by rank among the cells on audio, equal ones in the middle of theirs', () => {
    const { raster: ranks, colour } = shown('percentile')
    expect(rounded(ranks.data)).toEqual([12.5, 87.5, 100, 50, 50, 100])
    expect(colour).toMatchObject({ low: 0, high: 100, scale: 'linear', unit: 'percentile' })
  })
  it('is by the greatest weight that a row has on audio', () => {
    const { raster: shares, colour } = shown('row')
    expect(rounded(shares.data)).toEqual([0.25, 1, 1.25, 1, 1, 3])
    expect(colour).toMatchObject({ low: 0, high: 1, scale: 'linear' })
  })
})

describe('the heights of a curve', () => {
  it('are shares of its greatest weight, of three decades below it, or ranks', () => {
    const row = line([0.4, 0.04, 0.0004, 0])
    expect(rounded(lineHeights(row, 'linear'))).toEqual([1, 0.1, 0.001, 0])
    expect(rounded(lineHeights(row, 'log'))).toEqual([1, 0.667, 0, 0])
    expect(rounded(lineHeights(row, 'percentile'))).toEqual([0.875, 0.625, 0.375, 0.125])
    expect(rounded(lineHeights(row, 'row'))).toEqual([1, 0.1, 0.001, 0])
  })
  it('of a column by row are shares of the greatest of each row', () => {
    expect(rounded(lineHeights(line([0.2, 0.1, 0], [0.4, 0.1, 0]), 'row'))).toEqual([0.5, 1, 0])
  })
})
