import { describe, expect, test } from 'vitest'
import { poolToRaster, type Matrix } from '../../src/signal/reduce.ts'

const counted = (rows: number, columns: number, changes: Partial<Matrix> = {}): Matrix => ({
  data: Float32Array.from({ length: rows * columns }, (_, i) => i),
  rows: [0, rows],
  columns: [0, columns],
  valid: { rows, columns },
  ...changes,
})

describe('a matrix pooled to a raster', () => {
  test('keeps every value where there is room, and never makes more of them', () => {
    const raster = poolToRaster(counted(2, 3), { width: 100, height: 100, pool: 'mean' })
    expect(raster).toMatchObject({ rows: 2, columns: 3, low: 0, high: 5 })
    expect([...raster.data]).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('takes the greatest or the mean of each cell', () => {
    expect([...poolToRaster(counted(2, 4), { width: 2, height: 1, pool: 'max' }).data]).toEqual([5, 7])
    expect([...poolToRaster(counted(2, 4), { width: 2, height: 1, pool: 'mean' }).data]).toEqual([2.5, 4.5])
  })

  test('takes what is farthest from 0, with its sign', () => {
    const data = Float32Array.from([1, -4, 3, NaN, NaN, 0])
    expect([...poolToRaster(counted(1, 6, { data }), { width: 2, height: 1, pool: 'extreme' }).data]).toEqual([-4, 0])
    expect(
      poolToRaster(counted(1, 2, { data: data.subarray(3, 5) }), { width: 1, height: 1, pool: 'extreme' }).data[0],
    ).toBeNaN()
  })

  test('shares a count that does not divide among whole cells, losing none', () => {
    const ones = counted(7, 11, { data: new Float32Array(77).fill(1) })
    const raster = poolToRaster(ones, { width: 4, height: 3, pool: 'mean' })
    expect([raster.rows, raster.columns]).toEqual([3, 4])
    expect([...raster.data]).toEqual(Array(12).fill(1))
    const last = counted(7, 11)
    expect(poolToRaster(last, { width: 4, height: 3, pool: 'max' }).data.at(-1)).toBe(76)
  })

  test('says where in the whole it lies', () => {
    const matrix = counted(2, 3, { rows: [10, 12], columns: [20, 23], valid: { rows: 99, columns: 99 } })
    expect(poolToRaster(matrix, { width: 1, height: 1, pool: 'max' }).source).toEqual({
      rows: [10, 12],
      columns: [20, 23],
    })
  })

  test('leaves padding out of the colour range, unless there is nothing else', () => {
    const size = { width: 3, height: 2, pool: 'max' as const }
    expect(poolToRaster(counted(2, 3, { valid: { rows: 1, columns: 2 } }), size)).toMatchObject({ low: 0, high: 1 })
    expect(poolToRaster(counted(2, 3, { valid: { rows: 2, columns: 0 } }), size)).toMatchObject({ low: 0, high: 5 })
    // a cell that is half padding is left out too
    const mixed = poolToRaster(counted(1, 4, { valid: { rows: 1, columns: 3 } }), { ...size, width: 2 })
    expect(mixed).toMatchObject({ low: 1, high: 1 })
  })

  test.for(['max', 'mean'] as const)('NaN and infinity do not spread (%s)', (pool) => {
    const data = Float32Array.of(NaN, 1, NaN, NaN, Infinity, 3)
    const raster = poolToRaster(counted(1, 6, { data }), { width: 3, height: 1, pool })
    expect([...raster.data]).toEqual([1, NaN, Infinity])
    expect(raster).toMatchObject({ low: 1, high: 1 })
  })

  test('of no finite value has the range 0 to 0', () => {
    const data = new Float32Array(4).fill(NaN)
    expect(poolToRaster(counted(2, 2, { data }), { width: 1, height: 1, pool: 'mean' })).toMatchObject({
      low: 0,
      high: 0,
    })
  })
})
