import { expect, test } from 'vitest'
import { plotArea, toData, toPixel } from '../../src/figures/plot-area.ts'

const area = plotArea({ width: 300, height: 200 }, { left: 50, top: 10, right: 50, bottom: 30 })
const axes = { x: { range: [0, 5] as [number, number] }, y: { range: [0, 128] as [number, number] } }

test('a plot is its box less the margins', () => {
  expect(area).toEqual({ left: 50, top: 10, width: 200, height: 160 })
})
test('pixels and data convert back and forth, values growing upwards', () => {
  expect(toPixel(area, axes, 0, 0)).toEqual({ x: 50, y: 170 })
  expect(toPixel(area, axes, 5, 128)).toEqual({ x: 250, y: 10 })
  const { x, y } = toPixel(area, axes, 1.25, 100)
  expect(toData(area, axes, x, y)).toEqual({ x: 1.25, y: 100 })
})
test('an inverse axis grows downwards', () => {
  const inverse = { ...axes, y: { ...axes.y, inverse: true } }
  expect(toPixel(area, inverse, 0, 0)).toEqual({ x: 50, y: 10 })
  expect(toData(area, inverse, 50, 170)).toEqual({ x: 0, y: 128 })
})
test('outside the plot there are no data', () => {
  expect(toData(area, axes, 49, 50)).toBeNull()
  expect(toData(area, axes, 100, 171)).toBeNull()
})
test('a square plot takes the shorter side', () => {
  const square = plotArea({ width: 300, height: 200 }, { left: 50, top: 10, right: 50, bottom: 30 }, true)
  expect([square.width, square.height]).toEqual([160, 160])
})
