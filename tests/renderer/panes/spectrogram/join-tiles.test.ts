import { describe, expect, test } from 'vitest'
import { tileColumns } from '../../../../src/contract/spectrogram.ts'
import type { Range, Raster } from '../../../../src/contract/tensor.ts'
import { cropped, joinTiles, levelOf, tilesOf } from '../../../../src/renderer/panes/spectrogram/join-tiles.ts'

/** A recording of 2,000 frames whose row r is the frame's number and r / 10; a column has its greatest frame's. */
const frames = 2000
const tileOf = (level: number, tile: number): Raster => {
  const wide = 2 ** level
  const first = tile * tileColumns
  const columns = Math.min(tileColumns, Math.ceil(frames / wide) - first)
  const data = Float32Array.from({ length: 2 * columns }, (_, i) => {
    const last = Math.min(frames, (first + (i % columns) + 1) * wide) - 1
    return last + Math.floor(i / columns) / 10
  })
  const source = { rows: [0, 2] as Range, columns: [first * wide, (first + columns) * wide] as Range }
  return { rows: 2, columns, data, source, low: 0, high: frames }
}
const row = (raster: Raster, r: number): number[] => [
  ...raster.data.subarray(r * raster.columns, (r + 1) * raster.columns),
]
const having =
  (...places: [level: number, tile: number][]) =>
  (level: number, tile: number): Raster | undefined =>
    places.some(([l, t]) => l === level && t === tile) ? tileOf(level, tile) : undefined

test('columns are one to two pixels wide, or single frames where those are wider', () => {
  expect([0.001, 0.016, 0.017, 0.032, 0.033, 4].map((wide) => levelOf(wide, 0.016))).toEqual([0, 0, 1, 1, 2, 8])
  expect(tilesOf([0, 256], 0)).toEqual([0, 1])
  expect(tilesOf([255, 257], 0)).toEqual([0, 2])
  expect(tilesOf([1024, 1025], 1)).toEqual([2, 3])
})

describe('tiles beside each other', () => {
  test('are the whole without a seam, the last one short', () => {
    const { raster, missing } = joinTiles(tileOf, 1, [1, 4], frames)!
    expect(missing).toBe(0)
    expect(raster.columns).toBe(1000 - 256)
    expect(raster.source.columns).toEqual([512, 2000])
    expect(row(raster, 0)).toEqual(Array.from({ length: 744 }, (_, i) => 2 * (256 + i) + 1))
    expect(row(raster, 1)[0]).toBeCloseTo(513.1, 3)
  })

  test('a coarser tile stands in, repeated where its columns lie', () => {
    const { raster, missing } = joinTiles(having([0, 2], [2, 0], [2, 1]), 0, [1, 5], frames)!
    expect(missing).toBe(3)
    const drawn = row(raster, 0)
    for (const frame of [256, 300, 768, 1100]) expect(drawn[frame - 256]).toBe(4 * Math.floor(frame / 4) + 3)
    // the exact one is itself
    expect(drawn.slice(256, 512)).toEqual(Array.from({ length: 256 }, (_, i) => 512 + i))
  })

  test('finer tiles stand in, pooled, where there are any', () => {
    const { raster, missing } = joinTiles(having([0, 0], [0, 1], [0, 2]), 1, [0, 2], frames)!
    expect(missing).toBe(2)
    const drawn = row(raster, 0)
    expect(drawn.slice(0, 384)).toEqual(Array.from({ length: 384 }, (_, i) => 2 * i + 1))
    expect(drawn.slice(384).every(Number.isNaN)).toBe(true)
  })

  test('nothing at hand is nothing', () => {
    expect(joinTiles(() => undefined, 3, [0, 1], frames)).toBeNull()
  })
})

test('a raster is cropped to whole columns', () => {
  const part = cropped(tileOf(1, 0), [101, 110])
  expect(part.source.columns).toEqual([100, 110])
  expect(row(part, 0)).toEqual([101, 103, 105, 107, 109])
  expect(row(part, 1)[0]).toBeCloseTo(101.1, 3)
})
