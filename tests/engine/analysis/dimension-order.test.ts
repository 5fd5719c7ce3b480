import { afterAll, beforeAll, expect, test } from 'vitest'
import { orderBySimilarity, orderByVariance } from '../../../src/engine/analysis/dimension-order.ts'
import { leafOrder } from '../../../src/engine/analysis/leaf-order.ts'
import { createRowProducts } from '../../../src/engine/inference/row-products.ts'
import { loadJson } from '../../golden/load.ts'

/** Beside scipy's `leaves_list` of an average linkage (tools/make-layer-goldens.py). */

const { leaves } = loadJson<{ leaves: { values: number[][]; variance: number[]; similarity: number[] } }>(
  new URL('../../golden/layers.json', import.meta.url),
)
const width = leaves.values[0]!.length
const states = Float32Array.from(leaves.values.flat())
const pace = (): Promise<void> => Promise.resolve()
let products: Awaited<ReturnType<typeof createRowProducts>>
beforeAll(async () => {
  products = await createRowProducts(1)
})
afterAll(() => products[Symbol.dispose]())

test('more dimensions than steps, and one that stands still, are ordered as scipy orders them', async () => {
  expect([...orderByVariance(states, width)]).toEqual(leaves.variance)
  expect([...(await orderBySimilarity(states, width, products.of, pace))]).toEqual(leaves.similarity)
})

test('a single dimension is an order, and no dimension is none', async () => {
  expect(await leafOrder(new Float64Array(1), 1, pace)).toEqual([0])
  expect(await leafOrder(new Float64Array(0), 0, pace)).toEqual([])
})

test('equals at equal distances end all the same', async () => {
  const count = 9
  const found = await leafOrder(new Float64Array(count * count).fill(1), count, pace)
  expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
})

test('an order whose asker has gone away stops', async () => {
  const gone = (): Promise<void> => Promise.reject(new Error('gone'))
  await expect(orderBySimilarity(states, width, products.of, gone)).rejects.toThrow('gone')
})
