import { describe, expect, it } from 'vitest'
import type { HeadMetrics } from '../../../../src/contract/engine.ts'
import {
  atlasColour,
  cellColours,
  headsOf,
  metricsOf,
  sayMetric,
  valueRange,
} from '../../../../src/renderer/panes/attention/atlas.ts'

const numbers = (distance: number | null): HeadMetrics => ({
  distance,
  entropy: 1,
  diagonality: 0.5,
  padding: 0,
  first: 0,
  special: null,
})
const found = {
  layers: [
    { layer: 0, heads: [numbers(0.3), numbers(null)] },
    { layer: 1, heads: [numbers(0.1), numbers(0.7)] },
  ],
}
const places = (order: 'place' | 'most' | 'least'): string[] =>
  headsOf(found, 'distance', order).map(({ layer, head }) => `${layer}.${head}`)

describe('the atlas of heads', () => {
  it('lies by layer and head, or runs from the most or the least; a head without a number comes last', () => {
    expect(places('place')).toEqual(['0.0', '0.1', '1.0', '1.1'])
    expect(places('most')).toEqual(['1.1', '0.0', '1.0', '0.1'])
    expect(places('least')).toEqual(['1.0', '0.0', '1.1', '0.1'])
  })
  it('offers the numbers that a kind of attention has', () => {
    expect(metricsOf('encoder', false)).toEqual(['distance', 'entropy', 'diagonality', 'padding', 'first'])
    expect(metricsOf('encoder', true)).toContain('special')
    expect(metricsOf('decoder', false)).toEqual(['distance', 'entropy', 'diagonality', 'first'])
    expect(metricsOf('cross', false)).toEqual(['entropy', 'padding', 'first'])
  })
  it('says a number with its unit', () => {
    expect(sayMetric(0.4124, 'distance', 'encoder')).toBe('412 ms')
    expect(sayMetric(2.345, 'distance', 'decoder')).toBe('2.35 tokens')
    expect(sayMetric(2.3456, 'entropy', 'cross')).toBe('2.35 nats')
    expect(sayMetric(0.8312, 'diagonality', 'encoder')).toBe('0.831')
    expect(sayMetric(0.1234, 'padding', 'encoder')).toBe('12.3 %')
    expect(sayMetric(0.0004, 'special', 'encoder')).toBe('< 0.1 %')
    expect(sayMetric(0, 'padding', 'encoder')).toBe('0.0 %')
    expect(sayMetric(null, 'distance', 'cross')).toBe('no value')
  })
  it('colours from the least to the most in the unit shown; where all are alike the range still has a length', () => {
    const range = valueRange(headsOf(found, 'distance', 'place'))
    expect(range).toEqual([0.1, 0.7])
    expect(atlasColour(range!, 'distance', 'encoder')).toMatchObject({ low: 100, high: 700, unit: 'ms' })
    expect(atlasColour([0, 0], 'padding', 'encoder')).toMatchObject({ low: 0, high: 1, unit: '%' })
    expect(valueRange(headsOf(found, 'special', 'place'))).toBeNull()
  })
  it('writes white on dark cells and black on light ones', () => {
    expect(cellColours(0).color).toBe('#ffffff')
    expect(cellColours(1).color).toBe('#000000')
  })
})
