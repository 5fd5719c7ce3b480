import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { AlignmentRows } from '../../../src/contract/model.ts'
import type { Run } from '../../../src/contract/run.ts'
import type { Range } from '../../../src/contract/tensor.ts'
import { alignmentMatrix } from '../../../src/engine/analysis/token-times.ts'
import { resource, root } from '../../../src/engine/paths.ts'
import { loadJson } from '../../golden/load.ts'
import { starters } from '../../support/models.ts'
import { context, querySetup } from './query-setup.ts'

/** Word times of the small Whisper are those that transformers gives (tools/make-word-goldens.py), and those of the starter lie where it is spoken. */

interface Times {
  matrix: number[][]
  times: number[]
}
type Golden = { ids: number[] } & Record<AlignmentRows, Times>
const golden = join(root, 'tests', 'golden')
const { times } = loadJson<{ times: Record<string, Golden> }>(join(golden, 'words.json'))
const small = join(golden, 'models', 'whisper-sdpa-17')
const prompt = 4

const setup = querySetup()
afterAll(setup.close)
const place = (modelFolder: string) => ({ modelFolder, modelVariant: 'fp32' as const })

/** a copy of the small model whose note says which rows tell the time, and perhaps without alignment heads */
const folderWith = (rows: AlignmentRows): string => {
  const folder = join(setup.store.folder, `whisper-${rows}`)
  cpSync(small, folder, { recursive: true })
  writeFileSync(join(folder, 'otoscope.json'), JSON.stringify({ untrained: true, alignment_rows: rows }))
  return folder
}
const runOf = (seconds: number, folder = small): Promise<Run> =>
  setup.run(join(golden, 'clip.wav'), folder, { region: [0, seconds], options: { language: 'en' } })

describe.for(Object.entries(times))('over %s s', ([seconds, wanted]) => {
  test.for(['read', 'written'] as const)(
    'the matrix and the times are those of transformers: rows %s',
    async (rows) => {
      const folder = folderWith(rows)
      const run = await runOf(Number(seconds), folder)
      expect(run.result.tokens!.map(({ id }) => id)).toEqual(wanted.ids)
      const { matrix, times } = wanted[rows]
      const steps = matrix[0]!.length

      const sum = alignmentMatrix(steps, 7)
      const first = rows === 'read' ? prompt : prompt - 1
      for (const head of [0, 1]) {
        const limits = { heads: [head], queries: [first, wanted.ids.length - 1] as Range, keys: [0, steps] as Range }
        const subject = { run: run.id, tap: 'cross.attention.2', ...limits, ...place(folder) }
        sum.add((await setup.queries.attentionValues(subject, context)).data)
      }
      const errors = Array.from(sum.mean(), (value, i) => Math.abs(value - matrix.flat()[i]!))
      expect(Math.max(...errors)).toBeLessThan(1e-4)

      const found = await setup.queries.words({ run: run.id, ...place(folder) }, context)
      expect([found.heads, found.rows]).toEqual([
        [
          [2, 0],
          [2, 1],
        ],
        rows,
      ])
      const spoken = wanted.ids.map((_, i) => i).slice(prompt, -1)
      for (const [i, stretch] of found.tokens.entries()) {
        if (!spoken.includes(i)) {
          expect(stretch).toBeNull()
          continue
        }
        // the last that is read lasts to the end: transformers has no row after it
        const start = rows === 'read' ? times[i]! : times[i - 1]!
        const end = rows === 'written' ? times[i]! : i === spoken.at(-1) ? steps * 0.02 : times[i + 1]!
        expect(Math.abs(stretch![0] - start)).toBeLessThan(1e-4)
        expect(Math.abs(stretch![1] - end)).toBeLessThan(1e-4)
      }
      expect(found.words.flatMap(({ tokens: [from, to] }) => spoken.filter((i) => i >= from && i < to))).toEqual(spoken)
    },
  )
})

test('the starter finds the words of the sample recording where espeak-ng says that it spoke them', async () => {
  const folder = resource('models', starters.whisper)
  const run = await setup.run(resource('recordings', 'voice.wav'), folder, {
    region: [0, 3.89],
    options: { language: 'en' },
  })
  const { words } = await setup.queries.words({ run: run.id, ...place(folder) }, context)
  expect(words.map(({ text }) => text).join(' ')).toBe('listen to the thunder over the mountain please')
  const spoken = [0.5, 0.94, 1.1, 1.23, 1.74, 2.05, 2.19, 2.72]
  const off = words.map(({ start }, i) => Math.abs(start - spoken[i]!))
  // a warp begins at the first step, whatever is heard there
  expect(words[0]!.start).toBe(0)
  expect(Math.max(...off.slice(1))).toBeLessThan(0.1)
  expect(off.slice(1).sort((a, b) => a - b)[3]).toBeLessThan(0.03)
  for (const [i, word] of words.entries()) {
    expect(word.end).toBeCloseTo(words[i + 1]?.start ?? 3.88, 6)
    expect(word.probability).toBe(run.result.tokens![word.tokens[0]]!.probability)
  }
})

test('a region that begins later gives seconds of the recording', async () => {
  const options = { tokens: times['2']!.ids }
  const run = await setup.run(join(golden, 'clip.wav'), small, { region: [3, 4.5], options })
  const { words } = await setup.queries.words({ run: run.id, ...place(small) }, context)
  expect(words[0]!.start).toBe(3)
  expect(words.at(-1)!.end).toBeLessThanOrEqual(4.5)
  // nobody chose these tokens
  expect(words.map(({ probability }) => probability)).toEqual(words.map(() => null))
})

describe('alignment heads as heads of cross-attention', () => {
  const all = { unit: 'all' } as const
  const size = { width: 4096, height: 4096, pool: 'max' as const }
  test('are the mean of their maps, whatever layer is named', async () => {
    const folder = resource('models', starters.whisper)
    const run = await setup.run(resource('recordings', 'voice.wav'), folder, { options: { tokens: [731, 732, 10] } })
    const ask = (tap: string, heads: 'alignment' | number[]) =>
      setup.queries.attention({ run: run.id, tap, heads, queries: all, keys: all, ...size, ...place(folder) }, context)
    const { maps } = await ask('cross.attention.2', 'alignment')
    expect(maps.map(({ head }) => head)).toEqual(['alignment'])
    const each = (await ask('cross.attention.1', [0, 1])).maps.map(({ raster }) => raster.data)
    const mean = each[0]!.map((value, i) => (value + each[1]![i]!) / 2)
    const errors = maps[0]!.raster.data.map((value, i) => Math.abs(value - mean[i]!))
    expect(errors.reduce((a, b) => Math.max(a, b))).toBeLessThan(1e-6)
    await expect(ask('encoder.attention.0', 'alignment')).rejects.toThrow(/heads of cross-attention/)

    const row = { run: run.id, tap: 'cross.attention.0', line: 'row' as const, index: 2, ...place(folder) }
    const { values } = await setup.queries.attentionLine({ ...row, heads: 'alignment' }, context)
    expect(Math.max(...values.map((value, key) => Math.abs(value - mean[2 * values.length + key]!)))).toBeLessThan(1e-6)
  })

  test('are asked for in vain where the checkpoint names none, and so are words', async () => {
    const moonshine = join(golden, 'models', 'moonshine-merged-14')
    const run = await setup.run(join(golden, 'clip.wav'), moonshine)
    await expect(setup.queries.words({ run: run.id, ...place(moonshine) }, context)).rejects.toThrow(
      /names no alignment heads/,
    )
  })
})
