import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { AttentionProgress, Heads } from '../../../src/contract/engine.ts'
import { timeOf } from '../../../src/contract/grid.ts'
import type { Run } from '../../../src/contract/run.ts'
import type { WeightKind } from '../../../src/contract/weights.ts'
import { root } from '../../../src/engine/paths.ts'
import { largestError, loadJson } from '../../golden/load.ts'
import { context, querySetup } from './query-setup.ts'

/**
 * Rollout and value-weighted attention equal what numpy makes of PyTorch's attention, values and projections
 * (tools/make-weight-goldens.py), and without padding what is left of a row sums to 1.
 */

const kinds = ['encoder', 'decoder', 'cross'] as const
interface Kept {
  stride: number
  numbers: number[]
}
interface Layer {
  values: Kept[]
  joint: Kept
  rollout?: Kept
}
const folder = join(root, 'tests', 'golden')
const { tokens, models } = loadJson<{
  tokens: number[]
  models: Record<string, Partial<Record<(typeof kinds)[number], Layer[]>>>
}>(join(folder, 'weights.json'))

const setup = querySetup()
afterAll(setup.close)
const runs = new Map<string, Promise<Run>>()
const runOf = (model: string): Promise<Run> => {
  const options = model.startsWith('whisper') ? { tokens } : {}
  const run =
    runs.get(model) ?? setup.run(join(folder, 'clip.wav'), join(folder, 'models', model), { region: [0, 1.5], options })
  runs.set(model, run)
  return run
}
const all = { unit: 'all' as const }
const ask = async (
  model: string,
  tap: string,
  changes: { weights: WeightKind; heads: Heads; audioOnly?: boolean },
  asker: { signal?: AbortSignal; part?: (part: AttentionProgress) => void } = {},
) => {
  const { id: run } = await runOf(model)
  const place = { run, tap, modelFolder: join(folder, 'models', model), modelVariant: 'fp32' as const }
  const size = { queries: all, keys: all, width: 4096, height: 4096, pool: 'max' as const }
  return setup.queries.attention({ audioOnly: false, ...place, ...size, ...changes }, { ...context, ...asker })
}
const dataOf = async (...asked: Parameters<typeof ask>): Promise<Float32Array[]> =>
  (await ask(...asked)).maps.map(({ raster }) => raster.data)

/** Every kept number within a ten-thousandth of the greatest. */
const check = (found: Float32Array, { stride, numbers }: Kept): void => {
  const kept = found.filter((_, i) => i % stride === 0)
  expect(largestError(kept, numbers) / Math.max(...numbers)).toBeLessThan(1e-4)
}

const cases = Object.entries(models).flatMap(([model, found]) =>
  kinds.flatMap((kind) => (found[kind] ?? []).map((layer, i) => ({ model, tap: `${kind}.attention.${i}`, layer }))),
)

describe.each(cases)('$model $tap', ({ model, tap, layer }) => {
  test('weighted by its values, each head and all together', async () => {
    const heads = layer.values.map((_, head) => head)
    const each = await dataOf(model, tap, { weights: 'values', heads })
    expect(each).toHaveLength(layer.values.length)
    for (const [head, wanted] of layer.values.entries()) check(each[head]!, wanted)
    const [joint] = await dataOf(model, tap, { weights: 'values', heads: 'mean' })
    check(joint!, layer.joint)
  })
  const { rollout } = layer
  if (rollout)
    test('rolled out through the layers up to it', async () => {
      const [rolled] = await dataOf(model, tap, { weights: 'rollout', heads: 'mean' })
      check(rolled!, rollout)
    })
})

describe('without padding', () => {
  test.for(['raw', 'values', 'rollout'] as const)('rows of %s are scaled over the audio alone', async (weights) => {
    const model = 'whisper-sdpa-17'
    const { valid, count } = timeOf((await runOf(model)).grids.encoder)
    expect(valid).toBeLessThan(count)
    const whole = await ask(model, 'encoder.attention.1', { weights, heads: 'mean' })
    const [one] = await dataOf(model, 'encoder.attention.1', { weights, heads: weights === 'rollout' ? 'mean' : [0] })
    const audio = await ask(model, 'encoder.attention.1', {
      weights,
      heads: weights === 'rollout' ? 'mean' : [0],
      audioOnly: true,
    })
    const { raster } = audio.maps[0]!
    expect([raster.rows, raster.columns, raster.source.columns]).toEqual([valid, valid, [0, valid]])
    expect(whole.paddingShare).toBeGreaterThan(0.001)
    const expected = Float32Array.from({ length: valid * valid }, (_, i) => {
      const row = Math.floor(i / valid)
      const kept = one!.subarray(row * count, row * count + valid)
      return kept[i % valid]! / kept.reduce((sum, value) => sum + value, 0)
    })
    expect(largestError(raster.data, expected)).toBeLessThan(1e-6)
  })

  test('the mean over heads is that of the scaled heads, and lines agree with the map', async () => {
    const model = 'whisper-sdpa-17'
    const tap = 'encoder.attention.0'
    const { heads: count } = (await runOf(model)).encoder
    const [mean] = await dataOf(model, tap, { weights: 'raw', heads: 'mean', audioOnly: true })
    const heads = Array.from({ length: count }, (_, head) => head)
    const each = await dataOf(model, tap, { weights: 'raw', heads, audioOnly: true })
    expect(
      largestError(
        mean!,
        mean!.map((_, i) => each.reduce((sum, map) => sum + map[i]! / count, 0)),
      ),
    ).toBeLessThan(1e-6)
    const { id: run } = await runOf(model)
    const place = { run, tap, modelFolder: join(folder, 'models', model), modelVariant: 'fp32' as const }
    const line = (line: 'row' | 'column', index: number) =>
      setup.queries.attentionLine({ ...place, heads: 'mean', line, index, weights: 'raw', audioOnly: true }, context)
    const { valid } = timeOf((await runOf(model)).grids.encoder)
    const row = await line('row', 3)
    expect(largestError(row.values, mean!.slice(3 * valid, 4 * valid))).toBeLessThan(1e-6)
    const column = await line('column', 5)
    const rows = Array.from({ length: valid }, (_, i) => mean!.subarray(i * valid, (i + 1) * valid))
    expect(
      largestError(
        column.values,
        rows.map((values) => values[5]!),
      ),
    ).toBeLessThan(1e-6)
    expect(
      largestError(
        column.greatest!,
        rows.map((values) => Math.max(...values)),
      ),
    ).toBeLessThan(1e-6)
    await expect(line('row', valid)).rejects.toMatchObject({ code: 'bad-input' })
  })
})

describe('asking for a rollout', () => {
  test('says each layer as it comes, to all who wait; a second look is there at once', async () => {
    const model = 'whisper-eager-14'
    await runOf(model)
    const said: AttentionProgress[][] = [[], []]
    const asked = said.map((parts) =>
      dataOf(model, 'decoder.attention.2', { weights: 'rollout', heads: 'mean' }, { part: (p) => parts.push(p) }),
    )
    const [a, b] = await Promise.all(asked)
    expect(b![0]).toEqual(a![0])
    const layers = [0, 1, 2].map((done) => ({ done, total: 3 }))
    expect(said).toEqual([layers, layers])
    const again: AttentionProgress[] = []
    await dataOf(model, 'decoder.attention.1', { weights: 'rollout', heads: 'mean' }, { part: (p) => again.push(p) })
    expect(again).toEqual([])
  })

  test('ends before the next layer when nobody waits any more, and goes on for who still does', async () => {
    const model = 'whisper-bmm-14'
    const tap = 'decoder.attention.2'
    await runOf(model)
    const cancel = new AbortController()
    const parts: number[] = []
    const part = ({ done }: AttentionProgress): void => {
      parts.push(done)
      cancel.abort()
    }
    const alone = dataOf(model, tap, { weights: 'rollout', heads: 'mean' }, { signal: cancel.signal, part })
    await expect(alone).rejects.toMatchObject({ code: 'cancelled' })
    expect(parts).toEqual([0])
    const rest: number[] = []
    await dataOf(model, tap, { weights: 'rollout', heads: 'mean' }, { part: ({ done }) => rest.push(done) })
    expect(rest).toEqual([1, 2])
  })

  test('of cross-attention, of one head, and of a layer that is not there is refused with a sentence', async () => {
    const model = 'whisper-sdpa-17'
    await expect(ask(model, 'cross.attention.0', { weights: 'rollout', heads: 'mean' })).rejects.toThrow(
      /cross-attention looks elsewhere: choose raw or value-weighted/,
    )
    await expect(ask(model, 'encoder.attention.0', { weights: 'rollout', heads: [0] })).rejects.toMatchObject({
      code: 'bad-input',
    })
    await expect(ask(model, 'encoder.attention.9', { weights: 'rollout', heads: 'mean' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
