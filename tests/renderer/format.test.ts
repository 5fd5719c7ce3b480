import { describe, expect, it } from 'vitest'
import * as format from '../../src/renderer/format.ts'

describe('numbers as the page says them', () => {
  it('write moments as clocks, carrying what rounds up', () => {
    expect(format.clock(2.08)).toBe('0:02.080')
    expect(format.clock(59.9996)).toBe('1:00.000')
    expect(format.clock(3723.5, 1)).toBe('1:02:03.5')
    expect(format.clock(27.25, 0)).toBe('0:27')
    expect(format.clock(-0.0125, 3)).toBe('−0:00.013')
  })
  it('give ticks the decimals their step needs', () => {
    expect(format.tickLabel(2, 1)).toBe('2')
    expect(format.tickLabel(2.5, 0.5)).toBe('2.5')
    expect(format.tickLabel(0.30000000000000004, 0.1)).toBe('0.3')
    expect(format.tickLabel(2.05, 0.05)).toBe('2.05')
    expect(format.tickLabel(40, 20)).toBe('40')
  })
  it('choose units', () => {
    expect(format.seconds(0.34)).toBe('340 ms')
    expect(format.seconds(2.08)).toBe('2.08 s')
    expect(format.hertz(44100)).toBe('44.1 kHz')
    expect(format.hertz(440)).toBe('440 Hz')
    expect(format.bytes(378_000_000)).toBe('378 MB')
    expect(format.bytes(1_800_000)).toBe('1.8 MB')
    expect(format.bytes(0)).toBe('0 B')
    expect(format.count(37_800_000)).toBe('37.8 M')
    expect(format.count(999)).toBe('999')
  })
  it('read values with three digits and say when there is none', () => {
    expect(format.reading(0.0831)).toBe('0.0831')
    expect(format.reading(-2.9467)).toBe('−2.95')
    expect(format.reading(7.53e-4)).toBe('7.5e-4')
    expect(format.reading(0)).toBe('0')
    expect(format.reading(NaN)).toBe('–')
  })
  it('never round a small share to nothing', () => {
    expect(format.percent(0.004)).toBe('< 1 %')
    expect(format.percent(0)).toBe('0 %')
    expect(format.percent(0.61)).toBe('61 %')
    expect(format.probability(0.62)).toBe('.62')
    expect(format.probability(0.999)).toBe('1.0')
  })
})
