import { expect, test } from 'vitest'
import { startOverview } from '../../src/signal/overview.ts'
import { peaksOfEnvelope, startColumns, type Envelope } from '../../src/signal/peaks.ts'

/** Added in one piece, or in pieces of `step`. */
const peaksOfSamples = (
  mono: Float32Array,
  first: number,
  range: [number, number],
  columns: number,
  step = Infinity,
): Envelope => {
  const building = startColumns(range, columns)
  for (let at = 0; at < mono.length; at += step) building.add(mono.subarray(at, at + step), first + at)
  return building.finish()
}
const ramp = Float32Array.from({ length: 10 }, (_, n) => n / 10 - 0.5)

test('columns over samples cover the half-open range and nothing else', () => {
  const peaks = peaksOfSamples(ramp, 0, [2, 8], 3)
  expect([...peaks.min]).toEqual([ramp[2], ramp[4], ramp[6]])
  expect([...peaks.max]).toEqual([ramp[3], ramp[5], ramp[7]])
})

test('columns do not depend on the pieces that samples come in', () => {
  for (const [range, columns] of [
    [[2, 8], 3],
    [[0.5, 9.5], 4],
    [[1, 3], 7],
    [[-2, 12], 5],
  ] as [[number, number], number][])
    for (const step of [1, 2, 3])
      expect(peaksOfSamples(ramp, 0, range, columns, step)).toEqual(peaksOfSamples(ramp, 0, range, columns))
})

test('a stretch that begins later gives the same columns', () => {
  expect(peaksOfSamples(ramp.subarray(2), 2, [2, 8], 3)).toEqual(peaksOfSamples(ramp, 0, [2, 8], 3))
})

test('more columns than frames repeat the frame they lie in', () => {
  expect([...peaksOfSamples(ramp, 0, [0, 2], 4).max]).toEqual([ramp[0], ramp[0], ramp[1], ramp[1]])
})

test('columns over an envelope take every bucket they touch', () => {
  const builder = startOverview(2)
  builder.push([ramp])
  const peaks = peaksOfEnvelope(builder.finish(), 2, [0, 10], 2)
  expect([...peaks.min]).toEqual([ramp[0], ramp[4]])
  expect([...peaks.max]).toEqual([ramp[5], ramp[9]])
})

test('what lies outside the recording is silent', () => {
  expect([...peaksOfSamples(ramp, 0, [20, 24], 2).max]).toEqual([0, 0])
})
