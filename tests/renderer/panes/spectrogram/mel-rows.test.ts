import { describe, expect, test } from 'vitest'
import { binAt, edgeHeights, edgesInHertz, heightsOf } from '../../../../src/renderer/panes/spectrogram/mel-rows.ts'
import { kaldiFilters } from '../../../../src/signal/kaldi.ts'

const { centres } = kaldiFilters(128, 16_000)

describe('mel bins on a picture of linear rows', () => {
  // 513 bins of 1024 samples at 16 kHz, bin k at k · 15.625 Hz and from half a row below it to half a row above
  const rows = Float32Array.from({ length: 513 }, (_, k) => k * 15.625)
  const edges = edgeHeights(centres, rows, false)

  test('lie between the frequencies halfway to their neighbours', () => {
    const mel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700)
    const apart = (mel(8000) - mel(20)) / 129
    for (const [i, edge] of edgesInHertz(centres).entries()) {
      const exact = 700 * (Math.exp((mel(20) + (i + 0.5) * apart) / 1127) - 1)
      expect(Math.abs(edge - exact)).toBeLessThan(2)
    }
  })

  test('are found at the height of their frequency, and nothing above the last', () => {
    for (const bin of [0, 20, 64, 127]) expect(binAt(edges, (centres[bin]! / 15.625 + 0.5) / 513)).toBe(bin)
    expect(binAt(edges, 0.9999)).toBe(-1)
    expect(
      binAt(
        edgeHeights(
          centres,
          rows.map((hertz) => hertz * 3),
          false,
        ),
        0.5,
      ),
    ).toBe(-1)
  })
})

test('lie at their frequencies among rows in octaves', () => {
  const rows = Float32Array.from({ length: 200 }, (_, row) => 20 * 400 ** ((row + 0.5) / 200))
  const edges = edgeHeights(centres, rows, false)
  // a bin is where 20 · 400^height is its frequency
  for (const bin of [10, 64, 127]) expect(binAt(edges, Math.log(centres[bin]! / 20) / Math.log(400))).toBe(bin)
})

test('are the rows themselves on the features', () => {
  const edges = edgeHeights(centres, centres, true)
  expect([0, 0.5, 0.999].map((height) => binAt(edges, height))).toEqual([0, 64, 127])
  expect(heightsOf(edges, [80, 96])).toEqual([0.625, 0.75])
  // a patch that begins before the first bin, as padded convolutions have
  expect(heightsOf(edges, [-8, 8])).toEqual([0, 0.0625])
})
