import { describe, expect, test } from 'vitest'
import { colourAt, colourTable } from '../../src/figures/colour-maps.ts'
import type { ColourScale } from '../../src/figures/figure.ts'
import { paint } from '../../src/figures/paint.ts'
import { rasterOf } from './synthetic.ts'

const linear: ColourScale = { map: 'viridis', low: 0, high: 1, scale: 'linear', unit: '' }
const pixel = (pixels: Uint8ClampedArray, index: number): number[] => [...pixels.subarray(4 * index, 4 * index + 4)]
const table = (map: ColourScale['map'], entry: number): number[] => [
  ...colourTable(map).subarray(4 * entry, 4 * entry + 4),
]

describe('paint', () => {
  test('gives the ends of the scale the ends of the map', () => {
    const pixels = paint(
      rasterOf(1, 2, (_, column) => column),
      linear,
    )
    expect(pixel(pixels, 0)).toEqual(table('viridis', 0))
    expect(pixel(pixels, 1)).toEqual(table('viridis', 255))
  })
  test('clamps what lies outside the scale', () => {
    const pixels = paint(
      rasterOf(1, 2, (_, column) => (column ? 9 : -9)),
      linear,
    )
    expect(pixel(pixels, 0)).toEqual(table('viridis', 0))
    expect(pixel(pixels, 1)).toEqual(table('viridis', 255))
  })
  test('turns the rows upside down when asked', () => {
    const raster = rasterOf(2, 1, (row) => row)
    expect(pixel(paint(raster, linear, true), 0)).toEqual(pixel(paint(raster, linear), 1))
  })
  test('places values on a log scale by their logarithm', () => {
    const colour: ColourScale = { map: 'viridis', low: 1e-4, high: 1, scale: 'log', unit: '' }
    expect(
      pixel(
        paint(
          rasterOf(1, 1, () => 0.1),
          colour,
        ),
        0,
      ),
    ).toEqual(table('viridis', 191))
  })
  test('leaves NaN transparent and draws zero on a log scale in its lowest colour', () => {
    const colour: ColourScale = { ...linear, low: 1e-3, scale: 'log' }
    expect(
      pixel(
        paint(
          rasterOf(1, 1, () => NaN),
          linear,
        ),
        0,
      ),
    ).toEqual([0, 0, 0, 0])
    expect(
      pixel(
        paint(
          rasterOf(1, 1, () => 0),
          colour,
        ),
        0,
      ),
    ).toEqual(table('viridis', 0))
  })
  test('draws a scale without length in one colour', () => {
    expect(
      pixel(
        paint(
          rasterOf(1, 1, () => 3),
          { ...linear, low: 3, high: 3 },
        ),
        0,
      ),
    ).toEqual(table('viridis', 0))
  })
})

test('rdbu runs from blue over near white to red', () => {
  expect(colourAt('rdbu', 0)).toBe('#053061')
  expect(colourAt('rdbu', 1)).toBe('#67001f')
  expect(
    table('rdbu', 128)
      .slice(0, 3)
      .every((channel) => channel > 230),
  ).toBe(true)
})
