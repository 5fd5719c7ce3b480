import { expect, test } from 'vitest'
import { colourTicks, linearTicks, shortNumber } from '../../src/figures/ticks.ts'

const labels = (ticks: { label: string }[]): string[] => ticks.map((tick) => tick.label)

test('ticks are round and have the decimals of their step', () => {
  expect(labels(linearTicks([0, 5], 5))).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(labels(linearTicks([0.0125, 2.3], 5))).toEqual(['0.5', '1.0', '1.5', '2.0'])
  expect(labels(linearTicks([-3, 3], 3))).toEqual(['−2', '0', '2'])
})
test('ticks do not depend on the direction of a range', () => {
  expect(linearTicks([5, 0], 5)).toEqual(linearTicks([0, 5], 5))
})
test('a range without length or with no end has no ticks', () => {
  expect(linearTicks([1, 1], 5)).toEqual([])
  expect(linearTicks([0, Infinity], 5)).toEqual([])
  expect(linearTicks([NaN, 1], 5)).toEqual([])
})
test('a log colour bar is labelled at its ends and at powers of ten', () => {
  const ticks = labels(colourTicks({ map: 'viridis', low: 3e-4, high: 0.3, scale: 'log', unit: '' }))
  expect(ticks).toEqual(['3×10⁻⁴', '0.3', '10⁻³', '10⁻²', '10⁻¹'])
})
test('a short log colour bar is labelled between its powers of ten as well', () => {
  const ticks = labels(colourTicks({ map: 'viridis', low: 0.0045, high: 0.033, scale: 'log', unit: '' }))
  expect(ticks).toEqual(['0.0045', '0.033', '10⁻²', '0.02'])
})
test('small numbers are written as powers of ten', () => {
  expect([1e-4, 2.5e-5, 0.0123456, -4.5, 0].map(shortNumber)).toEqual(['10⁻⁴', '2.5×10⁻⁵', '0.0123', '−4.5', '0'])
})
