import { describe, expect, it } from 'vitest'
import type { TimeGrid } from '../../../../src/contract/grid.ts'
import {
  axisTicks,
  mapAxis,
  paddingFrom,
  pixelOfStep,
  stepUnder,
} from '../../../../src/renderer/panes/attention/axes.ts'
import { meanDistance } from '../../../../src/renderer/panes/attention/spread.ts'

const grid: TimeGrid = { start: 0, step: 0.02, width: 0.025, count: 1500, valid: 250 }

describe('an axis of an attention map', () => {
  it('finds the step whose cell is under the pointer', () => {
    const axis = mapAxis(grid, [100, 300], 200)
    for (const step of [100, 101, 250, 299]) expect(stepUnder(axis, pixelOfStep(axis, step))).toBe(step)
    expect(stepUnder(axis, -5)).toBe(100)
    expect(stepUnder(axis, 900)).toBe(299)
  })
  it('marks where padding begins, and only where some is shown', () => {
    expect(paddingFrom(mapAxis(grid, [0, 250], 250))).toBeNull()
    expect(paddingFrom(mapAxis(grid, [0, 500], 250))).toBeCloseTo(125, 6)
    expect(paddingFrom(mapAxis(null, [0, 8], 250))).toBeNull()
  })
  it('labels seconds by time and tokens by their text', () => {
    expect(axisTicks(mapAxis(grid, [0, 250], 200), null).map((tick) => tick.label)).toContain('4')
    const token = { id: 1, special: false, forced: false, probability: 1 }
    const tokens = ['a', ' ', ' you'].map((text) => ({ ...token, text }))
    expect(axisTicks(mapAxis(null, [0, 3], 200), tokens).map((tick) => tick.label)).toEqual(['a', '1', 'you'])
  })
  it('leaves out token labels that would touch', () => {
    expect(axisTicks(mapAxis(null, [0, 100], 200), null).length).toBeLessThanOrEqual(19)
  })
})

describe('how far a head looks', () => {
  const raster = (fill: (r: number, c: number) => number, size = 50) => ({
    rows: size,
    columns: size,
    data: Float32Array.from({ length: size * size }, (_, i) => fill(Math.floor(i / size), i % size)),
    source: { rows: [0, size] as [number, number], columns: [0, size] as [number, number] },
    low: 0,
    high: 1,
  })
  it('is nothing on the diagonal and the shift beside it', () => {
    expect(
      meanDistance(
        raster((r, c) => (r === c ? 1 : 0)),
        grid,
        grid,
      ),
    ).toBeCloseTo(0, 9)
    expect(
      meanDistance(
        raster((r, c) => (c === Math.min(49, r + 5) ? 1 : 0)),
        grid,
        grid,
      ),
    ).toBeCloseTo(0.1 * (45 / 50) + 0.002 * 2, 2)
  })
  it('leaves padding out and is unknown where all is padding', () => {
    expect(
      meanDistance(
        raster(() => 1),
        { ...grid, valid: 0 },
        grid,
      ),
    ).toBeNull()
    const onlyFirst = meanDistance(
      raster((_row, c) => (c === 0 || c > 9 ? 1 : 0)),
      { ...grid, valid: 1 },
      { ...grid, valid: 10 },
    )
    expect(onlyFirst).toBeCloseTo(0, 9)
  })
})
