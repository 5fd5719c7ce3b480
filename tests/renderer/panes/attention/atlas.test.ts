import { describe, expect, it } from 'vitest'
import type { HeadMetrics } from '../../../../src/contract/engine.ts'
import { atlasColour, cellColours } from '../../../../src/renderer/panes/attention/atlas-colours.ts'
import { atlasCsv } from '../../../../src/renderer/panes/attention/atlas-csv.ts'
import { limitsKey, noLimits, passes, sayLimits } from '../../../../src/renderer/panes/attention/atlas-filter.ts'
import { cellSize, mapSide } from '../../../../src/renderer/panes/attention/atlas-layout.ts'
import {
  headsOf,
  metricsOf,
  ordered,
  sayMetric,
  saySigned,
  valueRange,
  type Order,
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
const places = (order: Order, of = headsOf(found, 'distance')): string[] =>
  ordered(of, order).map(({ layer, head }) => `${layer}.${head}`)

describe('the atlas of heads', () => {
  it('lies by layer and head, or runs from the most or the least; a head without a number comes last', () => {
    expect(places('place')).toEqual(['0.0', '0.1', '1.0', '1.1'])
    expect(places('most')).toEqual(['1.1', '0.0', '1.0', '0.1'])
    expect(places('least')).toEqual(['1.0', '0.0', '1.1', '0.1'])
  })
  it('runs by magnitude, whatever the sign', () => {
    const signed = [0.1, -0.5, null, 0.3].map((value, head) => ({ layer: 0, head, value }))
    expect(places('size', signed)).toEqual(['0.1', '0.3', '0.0', '0.2'])
    expect(places('least', signed)).toEqual(['0.1', '0.0', '0.3', '0.2'])
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
  it('says a difference with its sign', () => {
    expect(saySigned(0.0124, 'distance', 'encoder')).toBe('+12 ms')
    expect(saySigned(-0.0124, 'distance', 'encoder')).toBe('−12 ms')
    expect(saySigned(-0.0002, 'distance', 'encoder')).toBe('0 ms')
    expect(saySigned(-0.31, 'entropy', 'cross')).toBe('−0.31 nats')
    expect(saySigned(0.0004, 'first', 'encoder')).toBe('< 0.1 %')
    expect(saySigned(-0.123, 'first', 'encoder')).toBe('−12.3 %')
  })
  it('colours from the least to the most in the unit shown; where all are alike the range still has a length', () => {
    const range = valueRange(headsOf(found, 'distance'))
    expect(range).toEqual([0.1, 0.7])
    expect(atlasColour(range!, 'distance', 'encoder')).toMatchObject({ low: 100, high: 700, unit: 'ms' })
    expect(atlasColour([0, 0], 'padding', 'encoder')).toMatchObject({ low: 0, high: 1, unit: '%' })
    expect(valueRange(headsOf(found, 'special'))).toBeNull()
  })
  it('colours differences around 0, and says which they are', () => {
    expect(atlasColour([-0.2, 0.2], 'distance', 'encoder', 'A − B')).toEqual({
      map: 'rdbu',
      low: -200,
      high: 200,
      scale: 'linear',
      unit: 'ms, A − B',
    })
    expect(atlasColour([-1, 1], 'diagonality', 'encoder', 'A − C').unit).toBe('A − C')
  })
  it('writes white on dark cells and black on light ones', () => {
    expect(cellColours(0, 'viridis').color).toBe('#ffffff')
    expect(cellColours(1, 'viridis').color).toBe('#000000')
    expect(cellColours(0.5, 'rdbu').color).toBe('#000000')
  })
})

describe('the filter of the atlas', () => {
  const between = (least: number | null, most: number | null) => ({ least, most })
  it('lets pass what lies between its limits, both included, in the unit and with the digits shown', () => {
    const asked = (value: number | null, least: number | null, most: number | null): boolean =>
      passes(value, between(least, most), 'distance', 'encoder')
    expect(asked(0.3, 100, 400)).toBe(true)
    expect(asked(0.3, 301, null)).toBe(false)
    expect(asked(0.3, null, 299)).toBe(false)
    expect(asked(0.4117, 412, 412)).toBe(true)
    expect(passes(0.12345, between(12.3, 12.3), 'padding', 'encoder')).toBe(true)
    expect(passes(-0.2, between(-250, null), 'distance', 'encoder')).toBe(true)
  })
  it('leaves heads without a number out only where something is asked', () => {
    expect(passes(null, noLimits, 'distance', 'encoder')).toBe(true)
    expect(passes(null, between(0, null), 'distance', 'encoder')).toBe(false)
  })
  it('keeps limits apart by number, unit and sign, and says them', () => {
    const keys = [
      limitsKey('distance', 'encoder', false),
      limitsKey('distance', 'decoder', false),
      limitsKey('distance', 'encoder', true),
      limitsKey('entropy', 'encoder', false),
    ]
    expect(new Set(keys).size).toBe(4)
    expect(sayLimits(between(100, 400), 'ms')).toBe('≥ 100 and ≤ 400 ms')
    expect(sayLimits(between(-0.5, null), '0 … 1')).toBe('≥ −0.5')
  })
})

describe('the file of the atlas', () => {
  it('has a row a head in the units shown, and nothing where there is no value', () => {
    expect(atlasCsv(found, null, ['distance', 'diagonality', 'padding'], 'encoder').split('\r\n')).toEqual([
      'layer,head,mean distance (ms),diagonality (0 to 1),padding (%)',
      '0,0,300,0.5,0',
      '0,1,,0.5,0',
      '1,0,100,0.5,0',
      '1,1,700,0.5,0',
      '',
    ])
  })
  it('has differences where they are asked for', () => {
    const other = { layers: found.layers.map(({ layer }) => ({ layer, heads: [numbers(0.25), numbers(0.25)] })) }
    const csv = atlasCsv(found, { numbers: other, title: 'A − B' }, ['distance', 'diagonality'], 'encoder')
    expect(csv.split('\r\n')).toEqual([
      'layer,head,mean distance A - B (ms),diagonality A - B',
      '0,0,50,0',
      '0,1,,0',
      '1,0,-150,0',
      '1,1,450,0',
      '',
    ])
  })
})

describe('the cells of the atlas', () => {
  it('are as large as fits; maps too small to be read are scrolled', () => {
    expect(cellSize({ width: 254, height: 133 }, 4, 4)).toEqual({ width: 59, height: 29 })
    expect(cellSize({ width: 100, height: 50 }, 20, 32)).toEqual({ width: 8, height: 8 })
    expect(mapSide({ width: 254, height: 133 }, 4, 4)).toBe(29)
    expect(mapSide({ width: 254, height: 133 }, 12, 12)).toBe(28)
    expect(mapSide({ width: 900, height: 900 }, 2, 2)).toBe(96)
  })
})
