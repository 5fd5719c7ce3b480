import { expect, test } from 'vitest'
import { isWeight, shuffledWeights } from '../../../src/engine/models/shuffled-weights.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { untrainedTwin } from '../../../src/engine/models/untrained-twin.ts'
import { goldenModel } from '../../support/models.ts'

const span = { offset: 0, length: 0 }
const tensor = (name: string, dataType: number, dims: number[]) => ({
  name,
  dataType,
  dims,
  data: { ...span, location: null },
  span,
  raw: true,
})
const bytesOf = (values: ArrayLike<number>): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
const floatsOf = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.buffer)]

test('a weight keeps its values and loses their order, by its name', () => {
  const values = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i))
  const [one, same, other] = ['a', 'a', 'b'].map((name) =>
    floatsOf(shuffledWeights(tensor(name, 1, [20, 20]), bytesOf(values))),
  )
  expect(one).toEqual(same)
  expect(one).not.toEqual(other)
  expect(one!.toSorted()).toEqual([...values].toSorted())
  expect(one!.filter((value, i) => value === values[i]).length).toBeLessThan(10)
})

test('masks stay as they are', () => {
  const mask = Float32Array.from({ length: 100 }, (_, i) => (i % 3 ? 0 : -Infinity))
  expect(floatsOf(shuffledWeights(tensor('mask', 1, [10, 10]), bytesOf(mask)))).toEqual([...mask])
})

test('shapes, scales and whole-number tables are no weights', () => {
  expect([
    isWeight(tensor('kernel', 1, [8, 8])),
    isWeight(tensor('quantised', 3, [64])),
    isWeight(tensor('epsilon', 1, [1])),
    isWeight(tensor('positions', 7, [1000])),
  ]).toEqual([true, true, false, false])
})

test('nearly all of a model is shuffled', () => {
  const model = openModel(goldenModel('whisper-sdpa-17'))
  const twin = untrainedTwin(model)
  const count = ({ dims }: { dims: number[] }): number => dims.reduce((n, size) => n * size, 1)
  const shuffled = [...twin.encoder.shuffled!.values()].reduce((sum, one) => sum + count(one), 0)
  expect(shuffled / model.inspection.parameters.encoder!).toBeGreaterThan(0.9)
  // the stock model is what it was
  expect(model.encoder.shuffled).toBeUndefined()
})
