import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { timeOf } from '../../../src/contract/grid.ts'
import type { Run } from '../../../src/contract/run.ts'
import { resource } from '../../../src/engine/paths.ts'
import { largestError } from '../../golden/load.ts'
import { context, querySetup, raw } from './query-setup.ts'
import { starters } from '../../support/models.ts'

const setup = querySetup()
afterAll(setup.close)
const folders = {
  whisper: resource('models', starters.whisper),
  ast: resource('models', starters.ast),
  wav2vec2: resource('models', starters.wav2vec2),
}
type Family = keyof typeof folders
const runs = {} as Record<Family, Run>
beforeAll(async () => {
  for (const family of ['whisper', 'ast', 'wav2vec2'] as const)
    runs[family] = await setup.run(resource('recordings', 'voice.wav'), folders[family], {
      options: family === 'whisper' ? { tokens: [300, 301, 10, 20, 30, 40] } : {},
    })
})

/** of Wav2Vec2 over these 2 s */
const states = 98
const all = { unit: 'all' } as const
const size = { width: 4096, height: 4096, pool: 'max' as const }
const subject = (family: Family, tap: string) => ({
  run: runs[family].id,
  tap,
  modelFolder: folders[family],
  modelVariant: 'fp32' as const,
})
const map = (family: Family, tap: string, changes: Record<string, unknown> = {}) =>
  setup.queries.attention(
    { ...subject(family, tap), ...raw, heads: [0], queries: all, keys: all, ...size, ...changes },
    context,
  )
const values = (family: Family, tap: string, changes: Record<string, unknown> = {}) =>
  setup.queries.attentionValues({ ...subject(family, tap), ...changes }, context)
const line = (family: Family, tap: string, changes: Record<string, unknown>) =>
  setup.queries.attentionLine(
    { ...subject(family, tap), ...raw, heads: 'mean', line: 'row', index: 0, ...changes },
    context,
  )
const sum = (data: Float32Array): number => data.reduce((total, value) => total + value, 0)

describe('an attention map', () => {
  test('of Wav2Vec2 holds every weight where there is room for it; its rows sum to one', async () => {
    const { maps, queryGrid, keyGrid, queryCount, keyCount, paddingShare, folded } = await map(
      'wav2vec2',
      'encoder.attention.1',
      { heads: [2, 0] },
    )
    const exact = await values('wav2vec2', 'encoder.attention.1', { heads: [2, 0] })
    expect(maps.map(({ head }) => head)).toEqual([2, 0])
    expect(largestError(maps[0]!.raster.data, exact.data.slice(0, states * states))).toBe(0)
    expect(largestError(maps[1]!.raster.data, exact.data.slice(states * states))).toBe(0)
    for (let i = 0; i < states; i++) expect(sum(exact.data.subarray(i * states, (i + 1) * states))).toBeCloseTo(1, 5)
    expect([queryGrid, keyGrid]).toEqual([runs.wav2vec2.grids.encoder, runs.wav2vec2.grids.encoder])
    expect([queryCount, keyCount, paddingShare, folded]).toEqual([states, states, 0, null])
  })

  test('of Whisper counts padding in its share and leaves it out of the colour range', async () => {
    const { maps, paddingShare, keyGrid } = await map('whisper', 'encoder.attention.0')
    expect(keyGrid).toMatchObject({ count: 1500, valid: 100 })
    const { data } = await values('whisper', 'encoder.attention.0', { heads: [0] })
    let share = 0
    let high = 0
    for (let query = 0; query < 100; query++)
      for (let key = 0; key < 1500; key++) {
        const value = data[query * 1500 + key]!
        if (key >= 100) share += value / 100
        else high = Math.max(high, value)
      }
    expect(paddingShare).toBeCloseTo(share, 5)
    expect(maps[0]!.raster.high).toBe(high)
  })

  test('takes seconds or steps, and pools to the size asked for', async () => {
    const range = { unit: 'second', range: [0.5, 1] } as const
    const { maps } = await map('whisper', 'encoder.attention.0', {
      heads: 'max',
      queries: range,
      keys: { unit: 'step', range: [10, 60] },
      width: 10,
      height: 5,
    })
    expect(maps).toHaveLength(1)
    expect(maps[0]!.head).toBe('max')
    const { raster } = maps[0]!
    expect([raster.rows, raster.columns, raster.source.columns]).toEqual([5, 10, [10, 60]])
    expect(raster.source.rows).toEqual([25, 51]) // step 50 is centred on 1 s: its cell reaches into the range
    const exact = await values('whisper', 'encoder.attention.0', { heads: 'max', queries: [25, 51], keys: [10, 60] })
    expect(exact.shape).toEqual([1, 26, 50])
    expect(raster.high).toBe(exact.data.reduce((a, b) => Math.max(a, b)))
  })

  test('the mean over heads is the mean of their maps', async () => {
    const { data, shape } = await values('wav2vec2', 'encoder.attention.0')
    const [heads = 0] = shape
    const mean = new Float32Array(states * states).map((_, i) => {
      let total = 0
      for (let head = 0; head < heads; head++) total += data[head * states * states + i]! / heads
      return total
    })
    const { maps } = await map('wav2vec2', 'encoder.attention.0', { heads: 'mean' })
    expect(largestError(maps[0]!.raster.data, mean)).toBeLessThan(1e-6)
  })

  test('of AST lies on time columns: key bands summed, query bands averaged, special tokens apart', async () => {
    const { maps, folded, queryCount, keyGrid, paddingShare } = await map('ast', 'encoder.attention.1', {
      heads: 'mean',
    })
    expect([queryCount, keyGrid?.count, maps[0]!.raster.rows, maps[0]!.raster.columns]).toEqual([64, 64, 64, 64])
    const { data } = await values('ast', 'encoder.attention.1', { heads: 'mean' })
    const expected = new Float32Array(64 * 64)
    let special = 0
    for (let q = 2; q < 514; q++) {
      special += (data[q * 514]! + data[q * 514 + 1]!) / 512
      for (let k = 2; k < 514; k++) expected[((q - 2) % 64) * 64 + ((k - 2) % 64)]! += data[q * 514 + k]! / 8
    }
    expect(largestError(maps[0]!.raster.data, expected)).toBeLessThan(1e-5)
    expect(folded!.specialShare).toBeCloseTo(special, 5)
    expect(sum(maps[0]!.raster.data) / 64 + folded!.specialShare).toBeCloseTo(1, 4)
    expect(paddingShare).toBeGreaterThan(0)
  })

  test('of Whisper’s decoder has tokens on its axes; a token sees none that follow', async () => {
    const { maps, queryGrid, keyGrid, paddingShare } = await map('whisper', 'decoder.attention.1')
    expect([queryGrid, keyGrid, paddingShare, maps[0]!.raster.rows]).toEqual([null, null, null, 6])
    const { data } = maps[0]!.raster
    for (let q = 0; q < 6; q++) for (let k = q + 1; k < 6; k++) expect(data[q * 6 + k]).toBe(0)
  })

  test('of cross-attention has tokens down and seconds to the right', async () => {
    const { queryGrid, keyGrid, queryCount, keyCount } = await map('whisper', 'cross.attention.2', { heads: 'mean' })
    expect([queryGrid, queryCount, keyCount]).toEqual([null, 6, 1500])
    expect(keyGrid).toEqual(timeOf(runs.whisper.grids.encoder))
  })
})

describe('a line of an attention map', () => {
  test.for([
    ['whisper', 'encoder.attention.2'],
    ['whisper', 'cross.attention.0'],
    ['ast', 'encoder.attention.0'],
  ] as const)('of %s %s equals its row and its column', async ([family, tap]) => {
    const whole = await map(family, tap, { heads: 'mean' })
    const { rows, columns, data } = whole.maps[0]!.raster
    const row = await line(family, tap, { index: 3 })
    expect(largestError(row.values, data.slice(3 * columns, 4 * columns))).toBeLessThan(1e-6)
    expect(row.grid).toEqual(whole.keyGrid)
    expect(row.paddingShare).toBeGreaterThan(0)
    const column = await line(family, tap, { line: 'column', index: 5 })
    const expected = Float32Array.from({ length: rows }, (_, i) => data[i * columns + 5]!)
    expect(largestError(column.values, expected)).toBeLessThan(1e-6)
    expect([column.grid, column.paddingShare]).toEqual([whole.queryGrid, null])
  })

  test('of several heads is their mean', async () => {
    const [a, b, both] = [
      await line('wav2vec2', 'encoder.attention.0', { heads: [0] }),
      await line('wav2vec2', 'encoder.attention.0', { heads: [3] }),
      await line('wav2vec2', 'encoder.attention.0', { heads: [0, 3] }),
    ]
    expect(
      largestError(
        both.values,
        a.values.map((value, i) => (value + b.values[i]!) / 2),
      ),
    ).toBeLessThan(1e-6)
  })
})

describe('a question about attention that has no answer', () => {
  test.for([
    ['encoder.attention.9', 'not-found', /layers 0 … \d/],
    ['encoder.hidden.0', 'bad-input', /no attention/],
    ['nonsense', 'bad-input', /nonsense/],
  ] as const)('%s is %s', async ([tap, code, sentence]) => {
    const asked = map('whisper', tap)
    await expect(asked).rejects.toMatchObject({ code })
    await expect(asked).rejects.toThrow(sentence)
  })

  test('a decoder’s attention where there is no decoder', async () => {
    await expect(map('ast', 'cross.attention.0')).rejects.toMatchObject({ code: 'not-found' })
    await expect(map('wav2vec2', 'decoder.attention.0')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('heads, steps, seconds and lines that are not there', async () => {
    const tap = 'cross.attention.0'
    const bad = { code: 'bad-input' }
    await expect(map('whisper', tap, { heads: [9] })).rejects.toMatchObject(bad)
    await expect(map('whisper', tap, { keys: { unit: 'step', range: [1500, 1600] } })).rejects.toMatchObject(bad)
    await expect(map('whisper', tap, { queries: { unit: 'second', range: [0, 1] } })).rejects.toThrow(/no seconds/)
    await expect(values('whisper', tap, { queries: [0, 7] })).rejects.toThrow(/0:7 lie outside the sequence of 6/)
    await expect(values('whisper', tap, { keys: [5, 5] })).rejects.toMatchObject(bad)
    await expect(line('whisper', tap, { index: 6 })).rejects.toMatchObject(bad)
  })

  test('a run that is not in the store', async () => {
    const input = { ...subject('whisper', 'cross.attention.0'), run: 'gone' }
    await expect(setup.queries.attentionValues(input, context)).rejects.toMatchObject({ code: 'not-found' })
  })
})
