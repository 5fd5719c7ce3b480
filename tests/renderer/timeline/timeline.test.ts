import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { letterOf, useTimeline } from '../../../src/renderer/timeline/timeline.ts'

beforeEach(() => setActivePinia(createPinia()))

const timelineOf = (seconds: number) => {
  const timeline = useTimeline()
  timeline.limitTo([seconds])
  return timeline
}

describe('the shared timeline', () => {
  it('shows the same stretch in every column while it is linked', () => {
    const timeline = timelineOf(20)
    timeline.show(1, [3, 6])
    expect(timeline.rangeOf(0)).toEqual([3, 6])
    expect(timeline.rangeOf(3)).toEqual([3, 6])
  })
  it('lets columns go their own way when unlinked, and joins them on the first', () => {
    const timeline = timelineOf(20)
    timeline.link(false)
    timeline.show(1, [10, 12])
    expect(timeline.rangeOf(0)).toEqual([0, 5])
    expect(timeline.rangeOf(1)).toEqual([10, 12])
    timeline.link(true)
    expect(timeline.rangeOf(1)).toEqual([0, 5])
  })
  it('zooms about the cursor', () => {
    const timeline = timelineOf(20)
    timeline.cursor = 1
    timeline.zoom(0, 0.5)
    expect(timeline.rangeOf(0)).toEqual([0.5, 3])
  })
  it('looks at the pinned row whatever is hovered', () => {
    const timeline = timelineOf(20)
    timeline.cursor = 1
    expect(timeline.lookedAt).toBe(1)
    timeline.look(2)
    expect(timeline.lookedAt).toBe(2)
    timeline.pin(3)
    timeline.look(4)
    timeline.look(null)
    expect(timeline.lookedAt).toBe(3)
    timeline.pin(null)
    expect(timeline.lookedAt).toBe(1)
  })
  it('moves the cursor within the recording, starting at what is visible', () => {
    const timeline = timelineOf(4)
    timeline.show(0, [2, 4])
    timeline.moveCursor(0.5)
    expect(timeline.cursor).toBe(2.5)
    timeline.moveCursor(99)
    expect(timeline.cursor).toBe(4)
  })
  it('fits what is visible when the longest recording leaves', () => {
    const timeline = timelineOf(20)
    timeline.show(0, [10, 15])
    timeline.limitTo([6])
    expect(timeline.rangeOf(0)).toEqual([1, 6])
  })
  it('is asked and told in each column’s own seconds', () => {
    const timeline = timelineOf(20)
    timeline.shift(1, 1.5)
    timeline.show(1, [3, 6])
    expect(timeline.rangeOf(1)).toEqual([3, 6])
    expect(timeline.rangeOf(0)).toEqual([1.5, 4.5])
    timeline.zoom(1, 0.5, 3)
    expect(timeline.rangeOf(1)[0]).toBeCloseTo(3, 9)
    expect(timeline.rangeOf(0)[0]).toBeCloseTo(1.5, 9)
  })
  it('reaches from the earliest start to the latest end of what is laid over each other', () => {
    const timeline = useTimeline()
    timeline.limitTo([4, 6])
    timeline.align([0, 1])
    expect(timeline.limit).toEqual([-1, 5])
    timeline.showAll(0)
    expect([timeline.rangeOf(0), timeline.rangeOf(1)]).toEqual([
      [-1, 5],
      [0, 6],
    ])
  })
  it('is aligned by an offset as soon as a person gives one; column A has none', () => {
    const timeline = timelineOf(20)
    timeline.alignment = 'start'
    timeline.align([7, 0.12345, 2])
    expect(timeline.offsets).toEqual([0, 0.1235, 2, 0])
    expect(timeline.alignment).toBe('start')
    timeline.shift(2, -1)
    expect(timeline.offsets).toEqual([0, 0.1235, -1, 0])
    expect(timeline.alignment).toBe('free')
  })
  it('names columns by letters', () => {
    expect([0, 1, 2, 3].map(letterOf)).toEqual(['A', 'B', 'C', 'D'])
  })
})
