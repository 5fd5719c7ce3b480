import { describe, expect, test } from 'vitest'
import { headMeter, type Sequence } from '../../../src/engine/analysis/head-metrics.ts'

/** Four steps of 0.1 s, three of them on audio. */
const sequence: Sequence = {
  steps: Int32Array.of(0, 1, 2, 3),
  audible: 3,
  self: true,
  stepSeconds: 0.1,
  special: false,
}
const measure = (changes: Partial<Sequence>, ...rows: number[][]) => {
  const meter = headMeter({ ...sequence, ...changes })
  meter.add(Float32Array.from(rows.flat()), 0)
  return meter.result()
}

describe('a head', () => {
  test('that looks at its own step', () => {
    const found = measure({}, [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1])
    expect(found).toMatchObject({ distance: 0, entropy: 0, diagonality: 1, padding: 0, special: null })
    expect(found.first).toBeCloseTo(1 / 3, 6)
  })

  test('that looks as far away as it can', () => {
    const found = measure({}, [0, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0])
    expect(found.distance).toBeCloseTo((0.2 + 0.1 + 0.2) / 3, 6)
    expect(found.diagonality).toBeCloseTo(0, 6)
    expect(found.first).toBeCloseTo(2 / 3, 6)
  })

  test('that looks at everything alike: ln 4, a quarter on padding, which no distance counts', () => {
    const even = [0.25, 0.25, 0.25, 0.25]
    const found = measure({}, even, even, even, [0, 0, 0, 1])
    expect(found.entropy).toBeCloseTo(Math.log(4), 6)
    expect(found.padding).toBeCloseTo(0.25, 6)
    // 0, 1, 2 → 1; 1, 0, 1 → 2/3; 2, 1, 0 → 1
    expect(found.distance).toBeCloseTo((0.1 * (1 + 2 / 3 + 1)) / 3, 6)
    expect(found.diagonality).toBeCloseTo((1 / 2 + 1 / 3 + 1 / 2) / 3, 6)
  })

  test('whose weight is all on padding is at no distance', () => {
    const away = [0, 0, 0, 1]
    expect(measure({}, away, away, away)).toMatchObject({ distance: null, diagonality: null, padding: 1, first: 0 })
  })

  test('of rows that come in blocks is that of all rows', () => {
    const meter = headMeter(sequence)
    const rows = [
      [0.4, 0.3, 0.2, 0.1],
      [0.1, 0.2, 0.3, 0.4],
      [0.7, 0.1, 0.1, 0.1],
    ]
    rows.forEach((row, first) => meter.add(Float32Array.from(row), first))
    expect(meter.result()).toEqual(measure({}, ...rows))
  })

  test('of tokens: distances in tokens, no padding', () => {
    const tokens = { steps: Int32Array.of(0, 1, 2), stepSeconds: null }
    const found = measure(tokens, [1, 0, 0], [1, 0, 0], [0.5, 0, 0.5])
    expect(found).toMatchObject({ distance: 2 / 3, padding: null, special: null })
    // of the first row all is where it stands; the second looks one away of one; the third one of two
    expect(found.diagonality).toBeCloseTo((1 + 0 + 0.5) / 3, 6)
    expect(found.first).toBeCloseTo(2.5 / 3, 6)
  })

  test('across, from tokens to steps: no distance, but padding', () => {
    const found = measure({ self: false }, [0.5, 0, 0, 0.5], [0, 0.5, 0.5, 0])
    expect(found).toMatchObject({ distance: null, diagonality: null, padding: 0.25, first: 0.25 })
    expect(found.entropy).toBeCloseTo(Math.log(2), 6)
  })

  test('of patches: two bands on three columns, the special token apart', () => {
    const patches = { steps: Int32Array.of(-1, 0, 1, 2, 0, 1, 2), audible: 2, special: true }
    const special = [1, 0, 0, 0, 0, 0, 0]
    // half on the special token, the rest on the same column of the other band
    const found = measure(
      patches,
      special,
      [0.5, 0, 0, 0, 0.5, 0, 0],
      [0.5, 0, 0, 0, 0, 0.5, 0],
      special,
      [0.5, 0.5, 0, 0, 0, 0, 0],
      [0.5, 0, 0.25, 0.25, 0, 0, 0],
      special,
    )
    expect(found).toMatchObject({ distance: 0, diagonality: 1, special: 0.5, padding: 0.0625, first: 0.25 })
  })

  test('of a single step is on the diagonal', () => {
    expect(measure({ steps: Int32Array.of(0), audible: 1 }, [1])).toMatchObject({ distance: 0, diagonality: 1 })
  })
})
