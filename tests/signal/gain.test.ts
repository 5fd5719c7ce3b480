import { expect, test } from 'vitest'
import { elsewhere, gainAt, gainsOf, unitMass } from '../../src/signal/gain.ts'

const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0)
const weights = Float32Array.from([0.1, 0.02, 0.3, 0, 0.08])

test('weights on audio are scaled to sum to 1', () => {
  expect(sum(unitMass(weights))).toBeCloseTo(1, 6)
  expect([...unitMass(new Float32Array(3))]).toEqual([0, 0, 0])
})

test('the greatest weight is heard as it is, the others in proportion; the rest is what is left of 1', () => {
  const [attended, rest] = [gainsOf(weights, 'attended'), gainsOf(weights, 'rest')]
  expect(attended[2]).toBe(1)
  expect(attended[0]).toBeCloseTo(1 / 3, 6)
  attended.forEach((gain, i) => expect(gain + rest[i]!).toBeCloseTo(1, 6))
})

test('elsewhere lie the same weights, none in its place', () => {
  const row = Float32Array.from({ length: 60 }, (_, i) => 1 / (i + 1))
  const other = elsewhere(row)
  expect(other.toSorted()).toEqual(row.toSorted())
  expect(other.some((weight, i) => weight === row[i])).toBe(false)
  expect(gainsOf(row, 'random')).toEqual(elsewhere(gainsOf(row, 'attended')))
})

test('between two centres the gain fades without a jump; beyond the outermost it is held', () => {
  const gains = Float32Array.from([0, 1, 0.5])
  const places = [-3, 0, 0.5, 1, 1.5, 2, 9]
  expect(places.map((place) => gainAt(gains, place).toFixed(9)).map(Number)).toEqual([0, 0, 0.5, 1, 0.75, 0.5, 0.5])
  // at most π/2 × the difference a step
  for (let i = 0; i < 2000; i++)
    expect(Math.abs(gainAt(gains, i / 1000) - gainAt(gains, (i + 1) / 1000))).toBeLessThan(0.0016)
})

test('a row without weight is silence', () => {
  expect([...gainsOf(new Float32Array(2), 'attended')]).toEqual([0, 0])
  expect([...gainsOf(new Float32Array(2), 'rest')]).toEqual([1, 1])
})
