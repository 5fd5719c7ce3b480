import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../../../src/engine/paths.ts'
import { floats, largestError, loadJson, loadTensors } from '../../golden/load.ts'
import { partOf } from '../../golden/parts.ts'
import { context, querySetup } from './query-setup.ts'

/** Attention recomputed from stored hidden states equals PyTorch's, for every export variant (within 1e-4). */

interface Goldens {
  models: { golden: string; folder: string; region: string }[]
  goldens: Record<string, { runs: Record<string, string[]> }>
}
const folder = join(root, 'tests', 'golden')
const { models, goldens } = loadJson<Goldens>(join(folder, 'goldens.json'))
const expected = loadTensors(join(folder, 'goldens.safetensors'))

const setup = querySetup()
afterAll(setup.close)

describe.each(models.filter((model) => model.folder.startsWith('tests/')))(
  '$folder',
  ({ golden, folder: model, region }) => {
    test('every layer’s attention, recomputed, and its values, which add up to what the layer computes', async () => {
      const forced = goldens[golden]!.runs['forced']?.[1]?.split(',').map(Number)
      const modelFolder = join(root, model)
      const run = await setup.run(join(folder, 'clip.wav'), modelFolder, {
        region: region.split(':').map(Number),
        options: forced ? { tokens: forced } : {},
      })
      const sites = run.taps.filter((tap) => !tap.stored)
      expect(sites.length).toBeGreaterThan(0)
      for (const { tap, shape } of sites) {
        const values = await setup.queries.attentionValues(
          { run: run.id, tap, modelFolder, modelVariant: 'fp32' },
          context,
        )
        expect(values.shape).toEqual(shape)
        const prefix = `${golden}/${tap.startsWith('encoder') ? 'encoder' : 'forced'}/${tap}#`
        const keys = [...expected.keys()].filter((key) => key.startsWith(prefix))
        expect(keys.length, tap).toBeGreaterThan(0)
        for (const key of keys)
          expect(largestError(partOf(values, key.split('#')[1]!), floats(expected, key)), key).toBeLessThan(1e-4)
        const row = { heads: 'mean' as const, line: 'row' as const, index: 0, weights: 'values' as const }
        const place = { run: run.id, tap, modelFolder, modelVariant: 'fp32' as const }
        const weighed = await setup.queries.attentionLine({ ...place, ...row, audioOnly: false }, context)
        expect(
          weighed.values.every((value) => value >= 0),
          tap,
        ).toBe(true)
      }
    })
  },
)
