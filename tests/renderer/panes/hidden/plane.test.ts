import { expect, test } from 'vitest'
import { planeOf } from '../../../../src/renderer/panes/hidden/plane.ts'

const points = (pairs: [number, number][]): [Float32Array, Float32Array] => [
  Float32Array.from(pairs, ([x]) => x),
  Float32Array.from(pairs, ([, y]) => y),
]

test('both directions have one scale, the second component points up, and every point lies within', () => {
  const plane = planeOf(points([[-3, 0], [3, 0], [0, 1]]), 320, 120) // prettier-ignore
  expect(plane.at(1).x - plane.at(0).x).toBeCloseTo(300)
  expect(plane.at(0).y - plane.at(2).y).toBeCloseTo(50)
  expect(plane.origin.x).toBeCloseTo(160)
  expect(plane.origin.y).toBeCloseTo(85)
  for (const step of [0, 1, 2]) {
    expect(plane.at(step).x).toBeGreaterThanOrEqual(10)
    expect(plane.at(step).y).toBeLessThanOrEqual(110)
  }
})

test('the nearest point within reach is found, and none beyond it', () => {
  const plane = planeOf(points([[-1, 0], [1, 0]]), 220, 100) // prettier-ignore
  expect(plane.nearest(205, 52, 16)).toBe(1)
  expect(plane.nearest(110, 50, 16)).toBeNull()
})

test('points that are all at zero lie in the middle', () => {
  expect(planeOf(points([[0, 0]]), 100, 60).at(0)).toEqual({ x: 50, y: 30 })
})
