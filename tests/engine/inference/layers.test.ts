import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../../src/contract/run.ts'
import { dimensionCurve } from '../../../src/engine/handlers/dimension-curve.ts'
import { createLayerQueries } from '../../../src/engine/inference/layers.ts'
import { largestError, loadJson } from '../../golden/load.ts'
import { goldenModel } from '../../support/models.ts'
import { context, querySetup } from './query-setup.ts'

/** Layers compared, projected and ordered, beside numpy's and scipy's numbers from PyTorch's hidden states (tools/make-layer-goldens.py). */

interface Compared {
  cka: number[][]
  cosine: number[][]
}
interface Golden extends Compared {
  later: Compared
  rms: number[]
  layers: {
    points: [number[], number[]]
    later: [number[], number[]]
    explained: number[]
    variance: number[]
    similarity: number[]
  }[]
  dimension: { index: number; highest: number[]; lowest: number[]; mean: number; deviation: number }
  tokens?: number[]
}
interface Goldens {
  models: Record<string, Record<'encoder' | 'decoder', Golden>>
  between: Record<string, { count: number; cka: number[][] }>
}
const { models: goldens, between } = loadJson<Goldens>(new URL('../../golden/layers.json', import.meta.url))
const sides = Object.entries(goldens).flatMap(([model, found]) =>
  (Object.keys(found) as ('encoder' | 'decoder')[]).map((side) => [model, side, found[side]] as const),
)
const clip = fileURLToPath(new URL('../../golden/clip.wav', import.meta.url))
const setup = querySetup()
const layers = createLayerQueries(() => setup.store, 1)
const runs: Record<string, Run> = {}
/** of the same model over a shorter clip */
const later: Record<string, Run> = {}
beforeAll(async () => {
  for (const model of Object.keys(goldens)) {
    const tokens = goldens[model]!.decoder?.tokens
    const options = tokens ? { options: { tokens } } : {}
    runs[model] = await setup.run(clip, goldenModel(model), options)
    later[model] = await setup.run(clip, goldenModel(model), { ...options, region: [2.5, 4] })
  }
})
afterAll(() => {
  layers.close()
  setup.close()
})

const tolerance = 1e-4
const largestOf = (values: readonly number[]): number => Math.max(...values.map(Math.abs))

describe.each(sides)('%s, %s', (model, side, golden) => {
  test.each(['cka', 'cosine'] as const)('%s of every pair of layers is numpy’s', async (measure) => {
    const found = await layers.layerSimilarity({ run: runs[model]!.id, side, measure }, context)
    expect(found.states).toBe(golden.cka.length)
    expect(largestError(found.values, golden[measure].flat())).toBeLessThan(tolerance)
  })

  test.each(['cka', 'cosine'] as const)('%s with another clip, step by step, is numpy’s', async (measure) => {
    const other = later[model]!
    const found = await layers.layerSimilarity({ run: runs[model]!.id, with: other.id, side, measure }, context)
    expect(found).toMatchObject({ paired: 'number', states: golden.cka.length, otherStates: golden.cka.length })
    expect(largestError(found.values, golden.later[measure].flat())).toBeLessThan(tolerance)
  })

  test('the root mean square of every layer is numpy’s', async () => {
    const { rms } = await layers.layerSizes({ run: runs[model]!.id, side }, context)
    expect(largestError(rms, golden.rms)).toBeLessThan(tolerance)
  })

  test('dimensions stand in scipy’s order, by variance and by similarity', async () => {
    for (const [layer, expected] of golden.layers.entries())
      for (const order of ['variance', 'similarity'] as const) {
        const tap = `${side}.hidden.${layer}`
        const found = await layers.dimensionOrder({ run: runs[model]!.id, tap, order }, context)
        expect([...found], `${tap} by ${order}`).toEqual(expected[order])
      }
  })

  test('a dimension’s moments are scipy’s peaks of steps that are no padding', () => {
    const { index, highest, lowest, mean, deviation } = golden.dimension
    const tap = `${side}.hidden.${golden.layers.length - 1}`
    const found = dimensionCurve(setup.store, runs[model]!, { tap, dimension: index })
    expect(found).toMatchObject({ highest, lowest })
    expect(largestError([found.mean, found.deviation], [mean, deviation])).toBeLessThan(tolerance)
  })

  test('the trajectory of every layer, and another clip’s in its plane, are numpy’s, up to their sign', async () => {
    for (const [layer, expected] of golden.layers.entries()) {
      const found = await layers.trajectory({ run: runs[model]!.id, side, layer, with: later[model]!.id }, context)
      expect(largestError(found.explained, expected.explained)).toBeLessThan(tolerance)
      expected.points.forEach((points, c) => {
        const sign =
          points[found.points[c]!.findIndex((value) => value === Math.max(...found.points[c]!))]! < 0 ? -1 : 1
        const errors = [
          [found.points[c]!, points],
          [found.other!.points[c]!, expected.later[c]!],
        ] as const
        for (const [values, right] of errors) {
          const error = largestError(
            values,
            right.map((value) => sign * value),
          )
          expect(error / largestOf(expected.points[0]), `layer ${layer}, component ${c}`).toBeLessThan(tolerance)
        }
      })
    }
  })
})

test.each(Object.entries(between))('%s: CKA of two models over one clip is numpy’s', async (names, golden) => {
  const [own, other] = names.split(' ').map((name) => runs[name]!) as [Run, Run]
  const found = await layers.layerSimilarity({ run: own.id, with: other.id, side: 'encoder', measure: 'cka' }, context)
  expect(found.paired).toBe('seconds')
  expect(found.samples).toEqual({ kind: 'steps', count: golden.count })
  expect(largestError(found.values, golden.cka.flat())).toBeLessThan(tolerance)
  const turned = await layers.layerSimilarity({ run: other.id, with: own.id, side: 'encoder', measure: 'cka' }, context)
  expect(turned.samples.count).toBeGreaterThanOrEqual(golden.count - 1)
})

test('what has no common ground is not compared', async () => {
  const [ast, whisper] = [runs['ast-sdpa-17']!.id, runs['whisper-sdpa-17']!.id]
  const decoders = { run: whisper, with: runs['wav2vec2-sdpa-14']!.id, side: 'decoder', measure: 'cka' } as const
  await expect(layers.layerSimilarity(decoders, context)).rejects.toThrow('has no decoder')
  const gone = { run: ast, with: 'gone', side: 'encoder', measure: 'cka' } as const
  await expect(layers.layerSimilarity(gone, context)).rejects.toThrow('no longer in the store')
})

test('who asks and goes away is answered no more, and the next one is', async () => {
  const fresh = createLayerQueries(() => setup.store, 1)
  const question = { run: runs['ast-sdpa-17']!.id, side: 'encoder' } as const
  const gone = { signal: AbortSignal.abort() }
  const cka = { ...question, measure: 'cka' } as const
  await expect(fresh.layerSimilarity(cka, gone)).rejects.toThrow(/aborted/)
  await expect(fresh.trajectory({ ...question, layer: 0 }, gone)).rejects.toThrow(/aborted/)
  expect(await fresh.layerSimilarity(cka, context)).toEqual(await layers.layerSimilarity(cka, context))
  fresh.close()
})
