import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../../src/contract/run.ts'
import { createLayerQueries } from '../../../src/engine/inference/layers.ts'
import { largestError, loadJson } from '../../golden/load.ts'
import { goldenModel } from '../../support/models.ts'
import { context, querySetup } from './query-setup.ts'

/** Layers compared and projected, beside numpy's numbers from PyTorch's hidden states (tools/make-layer-goldens.py). */

interface Golden {
  cka: number[][]
  cosine: number[][]
  layers: { points: [number[], number[]]; explained: number[] }[]
  tokens?: number[]
}
const goldens = loadJson<Record<string, Record<'encoder' | 'decoder', Golden>>>(
  new URL('../../golden/layers.json', import.meta.url),
)
const sides = Object.entries(goldens).flatMap(([model, found]) =>
  (Object.keys(found) as ('encoder' | 'decoder')[]).map((side) => [model, side, found[side]] as const),
)
const clip = fileURLToPath(new URL('../../golden/clip.wav', import.meta.url))
const setup = querySetup()
const layers = createLayerQueries(() => setup.store, 1)
const runs: Record<string, Run> = {}
beforeAll(async () => {
  for (const model of Object.keys(goldens)) {
    const tokens = goldens[model]!.decoder?.tokens
    runs[model] = await setup.run(clip, goldenModel(model), tokens ? { options: { tokens } } : {})
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

  test('the trajectory of every layer is numpy’s, up to its sign', async () => {
    for (const [layer, expected] of golden.layers.entries()) {
      const found = await layers.trajectory({ run: runs[model]!.id, side, layer }, context)
      expect(largestError(found.explained, expected.explained)).toBeLessThan(tolerance)
      expected.points.forEach((points, c) => {
        const sign =
          points[found.points[c]!.findIndex((value) => value === Math.max(...found.points[c]!))]! < 0 ? -1 : 1
        const error = largestError(
          found.points[c]!,
          points.map((value) => sign * value),
        )
        expect(error / largestOf(expected.points[0]), `layer ${layer}, component ${c}`).toBeLessThan(tolerance)
      })
    }
  })
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
