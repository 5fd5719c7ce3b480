import { describe, expect, it } from 'vitest'
import type { Range } from '../../../src/contract/tensor.ts'
import {
  dragRegion,
  fitted,
  lengthOf,
  panned,
  pixelAt,
  secondsAtPixel,
  shortestVisible,
  stretchOf,
  tickStep,
  tickTimes,
  zoomed,
} from '../../../src/renderer/timeline/geometry.ts'

const scale = { range: [1, 3] as Range, pixels: 400 }
const limit: Range = [0, 10]

describe('seconds and pixels', () => {
  it('are each other’s inverse', () => {
    for (const pixel of [-30, 0, 0.5, 199, 400, 900])
      expect(pixelAt(scale, secondsAtPixel(scale, pixel))).toBeCloseTo(pixel, 9)
  })
  it('put the range’s ends at the plot’s edges', () => {
    expect(pixelAt(scale, 1)).toBe(0)
    expect(pixelAt(scale, 3)).toBe(400)
    expect(stretchOf(scale, [1.5, 2.5])).toEqual({ left: 100, width: 200 })
  })
  it('survive a plot without width', () => {
    expect(secondsAtPixel({ range: [1, 3], pixels: 0 }, 5)).toBeTypeOf('number')
  })
})

describe('zoom and pan', () => {
  it('keep the anchored moment where it is on screen', () => {
    const before = { range: [2, 6] as Range, pixels: 800 }
    const after = { range: zoomed(before.range, 0.5, 3, limit), pixels: 800 }
    expect(pixelAt(after, 3)).toBeCloseTo(pixelAt(before, 3), 6)
    expect(lengthOf(after.range)).toBeCloseTo(2, 9)
  })
  it('never leave the limit', () => {
    expect(zoomed([0, 4], 5, 2, limit)).toEqual([0, 10])
    expect(panned([8, 10], 5, limit)).toEqual([8, 10])
    expect(panned([0, 2], -1, limit)).toEqual([0, 2])
    expect(fitted([-5, 40], limit)).toEqual([0, 10])
  })
  it('stop at the shortest stretch', () => {
    expect(lengthOf(zoomed([4, 4.03], 0.01, 4.01, limit))).toBeCloseTo(shortestVisible, 9)
  })
})

describe('ticks', () => {
  it('are steps of 1, 2 or 5 and leave room for their labels', () => {
    for (const seconds of [0.02, 0.3, 1, 5, 27.25, 3600]) {
      const one = { range: [0.013, 0.013 + seconds] as Range, pixels: 500 }
      const step = tickStep(one, 60)
      expect([1, 2, 5]).toContain(Number((step / 10 ** Math.floor(Math.log10(step) + 1e-9)).toFixed(6)))
      expect((step / seconds) * 500).toBeGreaterThanOrEqual(59.9)
      for (const time of tickTimes(one, 60)) {
        expect(time).toBeGreaterThanOrEqual(one.range[0] - 1e-9)
        expect(time).toBeLessThanOrEqual(one.range[1] + 1e-9)
      }
    }
  })
})

describe('a dragged region', () => {
  const limits = { seconds: 10, least: 0.025 }
  it('moves as a whole and stops at the recording’s ends', () => {
    expect(dragRegion([1, 3], 'whole', 2, limits)).toEqual([3, 5])
    expect(dragRegion([1, 3], 'whole', 99, limits)).toEqual([8, 10])
    expect(dragRegion([1, 3], 'whole', -99, limits)).toEqual([0, 2])
  })
  it('keeps at least what the model needs', () => {
    const [start, end] = dragRegion([1, 3], 'end', -50, limits)
    expect([start, end]).toEqual([1, 1.025])
    expect(dragRegion([1, 3], 'start', 50, limits)[0]).toBeCloseTo(2.975, 9)
  })
  it('grows to the recording’s ends', () => {
    expect(dragRegion([1, 3], 'end', 50, limits)).toEqual([1, 10])
    expect(dragRegion([5, 8], 'start', -50, limits)).toEqual([0, 8])
  })
  it('stays whole where the recording is shorter than the least', () => {
    expect(dragRegion([0, 0.01], 'end', 1, { seconds: 0.01, least: 0.025 })).toEqual([0, 0.01])
  })
})
