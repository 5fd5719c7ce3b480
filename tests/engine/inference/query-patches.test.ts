import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { isPatchGrid } from '../../../src/contract/grid.ts'
import type { LayerHeads } from '../../../src/contract/heads.ts'
import type { PatchesQuery } from '../../../src/contract/patches.ts'
import type { Run } from '../../../src/contract/run.ts'
import { patchPlaces } from '../../../src/engine/handlers/patch-places.ts'
import { root } from '../../../src/engine/paths.ts'
import { layPatches } from '../../../src/signal/patches.ts'
import { largestError, loadJson } from '../../golden/load.ts'
import { goldenModel } from '../../support/models.ts'
import { context, querySetup } from './query-setup.ts'

/** Attention of single tokens over patches equals PyTorch's eager attention, laid back by numpy (tools/make-patch-goldens.py). */

interface Case {
  model: string
  seconds: number
  tap: string
  heads: LayerHeads
  query: PatchesQuery
  values: number[]
  special: number[]
  padding: number
  laid: (number | null)[][]
}
const folder = join(root, 'tests', 'golden')
const { every, cases } = loadJson<{ every: number; cases: Case[] }>(join(folder, 'patches.json'))

const setup = querySetup()
afterAll(setup.close)
const runs = new Map<string, Promise<Run>>()
const runOf = (model: string, seconds: number): Promise<Run> => {
  const run = runs.get(model) ?? setup.run(join(folder, 'clip.wav'), goldenModel(model), { region: [0, seconds] })
  runs.set(model, run)
  return run
}
const ask = async (model: string, seconds: number, asked: { tap: string; heads: LayerHeads; query: PatchesQuery }) => {
  const run = await runOf(model, seconds)
  const subject = { run: run.id, modelFolder: goldenModel(model), modelVariant: 'fp32' as const }
  return { run, ...(await setup.queries.attentionPatches({ ...subject, ...asked }, context)) }
}

test.for(cases)(
  '$model $tap, heads $heads, from $query',
  async ({ model, seconds, values, special, padding, laid, ...asked }) => {
    const found = await ask(model, seconds, asked)
    expect(largestError(found.values, values)).toBeLessThan(1e-4)
    expect(largestError(found.special, special)).toBeLessThan(1e-4)
    expect(Math.abs(found.padding - padding)).toBeLessThan(1e-4)

    const { grid, bins, frames, features, hertz } = patchPlaces(found.run, goldenModel(model))
    const layout = { bands: grid.bands, columns: grid.time.count, shown: grid.time.valid, bins, frames }
    const size = { bins: hertz.length, frames: features.count }
    const mine = layPatches(found.values, layout, size)
    for (const [i, row] of laid.entries())
      for (const [j, wanted] of row.entries()) {
        const value = mine[i * every * size.frames + j * every]!
        if (wanted === null) expect(value, `bin ${i * every}, frame ${j * every}`).toBeNaN()
        else expect(Math.abs(value - wanted), `bin ${i * every}, frame ${j * every}`).toBeLessThan(1e-4)
      }
  },
)

describe('asking for', () => {
  const row = { tap: 'encoder.attention.0', heads: 'mean' as const }

  test('a whole row: patches and special tokens share it', async () => {
    const { values, special } = await ask('ast-sdpa-17', 1.5, { ...row, query: { token: 0 } })
    expect([...values, ...special].reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
  })

  test.each([
    [{ token: 2 }, 'there is no special token 2: the model has 2'],
    [{ band: 5, column: 0 }, 'there is no patch in band 5, column 0: there are 5 × 25, counted from 0'],
    [{ band: 0, column: 25 }, 'there is no patch in band 0, column 25'],
  ])('%o, which is not there', async (query, sentence) => {
    await expect(ask('ast-sdpa-17', 1.5, { ...row, query })).rejects.toThrow(sentence)
  })

  test('a head that is not there', async () => {
    await expect(ask('ast-sdpa-17', 1.5, { ...row, heads: [2], query: { token: 0 } })).rejects.toThrow('no head 2')
  })

  test('patches of a model that hears none', async () => {
    await expect(ask('wav2vec2-sdpa-17', 1.5, { ...row, query: { token: 0 } })).rejects.toMatchObject({
      code: 'bad-input',
    })
    const run = await runOf('wav2vec2-sdpa-17', 1.5)
    expect(() => patchPlaces(run, goldenModel('wav2vec2-sdpa-17'))).toThrow('hears no patches in time and frequency')
  })

  test('where patches lie: a run from before grids had bins is placed from its model', async () => {
    const run = await runOf('ast-sdpa-17', 1.5)
    const { encoder } = run.grids
    if (!isPatchGrid(encoder)) throw new Error('AST hears patches')
    const { mel, ...older } = encoder
    const places = patchPlaces({ ...run, grids: { ...run.grids, encoder: older } }, goldenModel('ast-sdpa-17'))
    expect(places).toMatchObject({ bins: mel, frames: { first: 0, step: 10, size: 16 } })
  })
})
