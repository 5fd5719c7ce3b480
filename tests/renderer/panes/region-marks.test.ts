import { expect, test } from 'vitest'
import { marksOf } from '../../../src/renderer/panes/region-marks.ts'
import type { ListedRegion } from '../../../src/renderer/listed-region.ts'

const listed = (start: number, end: number, name = 'name', proposed = false): ListedRegion => ({
  region: { id: `${start}`, start, end, name, low: null, high: null, more: [] },
  proposed,
})
const scale = { range: [10, 20] as [number, number], pixels: 500 }

test('a region that is seen is drawn where it lies, and named where there is room', () => {
  const marks = marksOf([listed(1, 9), listed(8, 12), listed(15, 16, 'wren', true), listed(30, 31)], scale, '8')
  expect(marks).toEqual([
    { id: '8', left: -100, width: 200, kind: 'chosen', crowded: false, label: { text: 'name', left: 0, most: 160 } },
    { id: '15', left: 250, width: 50, kind: 'proposed', crowded: false, label: { text: 'wren', left: 250, most: 160 } },
  ])
})

test('of a thousand in a row only what has room is drawn, and the chosen one', () => {
  const many = Array.from({ length: 1000 }, (_, i) => listed(10 + i / 100, 10 + (i + 1) / 100, `call ${i}`))
  const marks = marksOf(many, scale, many[501]!.region.id)
  expect(marks.length).toBeLessThanOrEqual(500 / 3 + 2)
  expect(marks.some(({ kind }) => kind === 'chosen')).toBe(true)
  expect(marks.filter(({ label }) => label)).toHaveLength(0)
  expect(marks.filter(({ crowded }) => !crowded)).toHaveLength(1)
  // nearer, they are all there
  expect(marksOf(many, { range: [12, 12.1], pixels: 500 }, null).filter(({ label }) => label)).toHaveLength(10)
})
