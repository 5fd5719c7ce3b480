import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linearCka, meanCosine } from '../../../src/engine/analysis/layer-similarity.ts'
import { createRowProducts } from '../../../src/engine/inference/row-products.ts'
import { noise } from '../../formats/onnx/build-model.ts'

const width = 16
const steps = 900
const pace = (): Promise<void> => Promise.resolve()
let products: Awaited<ReturnType<typeof createRowProducts>>
beforeAll(async () => {
  products = await createRowProducts(1)
})
afterAll(() => products[Symbol.dispose]())

/** every pair of dimensions turned by an angle, and all of it made larger and moved */
const turnedCopy = (states: Float32Array): Float32Array =>
  states.map((value, i) => {
    const [cosine, sine] = [Math.cos(0.7), Math.sin(0.7)]
    const other = states[i % 2 === 0 ? i + 1 : i - 1]!
    return 3 * (i % 2 === 0 ? cosine * value - sine * other : sine * other + cosine * value) + 5
  })

describe('linear CKA', () => {
  const cka = (...matrices: Float32Array[]) => linearCka({ matrices, width }, products.of, pace)

  test('of a layer with itself, and with a rotated, scaled and shifted copy of it, is 1', async () => {
    const states = noise(steps * width, 1)
    for (const value of await cka(states, turnedCopy(states), states)) expect(value).toBeCloseTo(1, 6)
  })

  test('of independent noise is near the number of dimensions over that of steps', async () => {
    const [, between] = await cka(noise(steps * width, 1), noise(steps * width, 2))
    expect(between).toBeGreaterThan(0)
    expect(between).toBeLessThan((2 * width) / steps)
  })

  test('of a layer that is the same at every step is no number', async () => {
    const still = new Float32Array(steps * width).fill(0.1)
    expect([...(await cka(still, noise(steps * width, 1)))].map(Number.isNaN)).toEqual([true, true, true, false])
  })

  test('of a single step is no number', async () => {
    expect(await cka(noise(width, 1), noise(width, 2))).toEqual(new Float32Array(4).fill(NaN))
  })
})

describe('mean cosine', () => {
  const cosine = (...matrices: Float32Array[]) => meanCosine({ matrices, width }, pace)

  test('is 1 for a multiple, −1 for the opposite and 0 for a state of zeros', async () => {
    const states = noise(steps * width, 1)
    const found = await cosine(
      states,
      states.map((value) => 3 * value),
      states.map((value) => -value),
      new Float32Array(states.length),
    )
    ;[1, 1, -1, 0].forEach((expected, i) => expect(found[i]).toBeCloseTo(expected, 6))
  })
})

test('a comparison whose asker has gone away stops', async () => {
  const gone = (): Promise<void> => Promise.reject(new Error('gone'))
  const matrices = [noise(steps * width, 1), noise(steps * width, 2)]
  await expect(linearCka({ matrices, width }, products.of, gone)).rejects.toThrow('gone')
  await expect(meanCosine({ matrices, width }, gone)).rejects.toThrow('gone')
})
