import { afterAll, beforeAll, expect, test } from 'vitest'
import { principalComponents } from '../../../src/engine/analysis/pca.ts'
import { createRowProducts } from '../../../src/engine/inference/row-products.ts'
import { largestError } from '../../golden/load.ts'
import { noise } from '../../formats/onnx/build-model.ts'

const width = 8
const pace = (): Promise<void> => Promise.resolve()
let products: Awaited<ReturnType<typeof createRowProducts>>
beforeAll(async () => {
  products = await createRowProducts(1)
})
afterAll(() => products[Symbol.dispose]())

const pca = (states: number[] | Float32Array, wide = width) =>
  principalComponents(Float32Array.from(states), wide, products.of, pace)
const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0)

test('points on a line keep their distances in the first component, which explains everything', async () => {
  const along = [0, 1, 2, 4, 9]
  const { points, explained } = await pca(
    along.flatMap((at) => Array.from({ length: width }, () => 7 + at / Math.sqrt(width))),
  )
  expect(explained[0]).toBeCloseTo(1, 6)
  expect(
    largestError(
      points[0],
      along.map((at) => at - 3.2),
    ),
  ).toBeLessThan(1e-5)
  expect(Math.max(...points[1].map(Math.abs))).toBeLessThan(1e-3)
})

test('points on a circle lie on a circle, half of the variance each way', async () => {
  const states = Array.from({ length: 300 }, (_, i) => [Math.cos(i), 0, Math.sin(i), 0]).flat()
  const { points, explained } = await pca(states, 4)
  expect(explained[0] + explained[1]).toBeCloseTo(1, 6)
  for (let i = 0; i < 300; i++) expect(Math.hypot(points[0][i]!, points[1][i]!)).toBeCloseTo(1, 1)
})

test('components are centred, independent of one another, and farthest on the positive side', async () => {
  const { points, explained } = await pca(noise(400 * width, 3))
  expect(explained[0]).toBeGreaterThanOrEqual(explained[1])
  expect(sum(points[0].map((value, i) => value * points[1][i]!))).toBeCloseTo(0, 3)
  for (const component of points) {
    expect(sum(component)).toBeCloseTo(0, 3)
    expect(Math.max(...component)).toBeGreaterThan(-Math.min(...component))
  }
})

test('the same states give the same picture, also when they are reordered', async () => {
  const states = noise(40 * width, 5)
  const rows = Array.from({ length: 40 }, (_, i) => [...states.subarray(i * width, (i + 1) * width)])
  const [{ points }, back] = [await pca(states), await pca(rows.reverse().flat())]
  points.forEach((component, c) => expect(largestError(back.points[c]!, [...component].reverse())).toBeLessThan(1e-4))
})

test('one step, or steps that are all alike, explain nothing', async () => {
  expect(await pca(noise(width, 1))).toEqual({ points: [new Float32Array(1), new Float32Array(1)], explained: [0, 0] })
  expect((await pca(new Float32Array(9 * width).fill(0.3))).explained).toEqual([0, 0])
  const two = await pca([...noise(2 * width, 1)])
  expect(two.explained[0]).toBeCloseTo(1, 6)
})
