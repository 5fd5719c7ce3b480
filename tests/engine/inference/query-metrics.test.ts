import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { AttentionProgress, HeadMetrics } from '../../../src/contract/engine.ts'
import type { Run } from '../../../src/contract/run.ts'
import { root } from '../../../src/engine/paths.ts'
import { loadJson } from '../../golden/load.ts'
import { context, querySetup } from './query-setup.ts'

/** Numbers of every head, recomputed from stored hidden states, equal those numpy has of PyTorch's attention (tools/make-metric-goldens.py). */

const folder = join(root, 'tests', 'golden')
const kinds = ['encoder', 'decoder', 'cross'] as const
type Goldens = Record<string, Partial<Record<(typeof kinds)[number], HeadMetrics[][]>>>
const expected = loadJson<Goldens>(join(folder, 'metrics.json'))
const { goldens } = loadJson<{ goldens: Record<string, { runs: Record<string, string[]> }> }>(
  join(folder, 'goldens.json'),
)
const forced = goldens['whisper']!.runs['forced']![1]!.split(',').map(Number)

const setup = querySetup()
afterAll(setup.close)
const folderOf = (model: string): string => join(folder, 'models', model)
const runs = new Map<string, Promise<Run>>()
const runOf = (model: string): Promise<Run> => {
  const options = model.startsWith('whisper') ? { tokens: forced } : {}
  const run = runs.get(model) ?? setup.run(join(folder, 'clip.wav'), folderOf(model), { region: [0, 1.5], options })
  runs.set(model, run)
  return run
}
const ask = async (model: string, kind: (typeof kinds)[number], given: Partial<Progress> = {}) => {
  const { id: run } = await runOf(model)
  const subject = { run, kind, modelFolder: folderOf(model), modelVariant: 'fp32' as const }
  return setup.queries.attentionMetrics(subject, { ...context, ...given })
}
interface Progress {
  signal: AbortSignal
  part: (part: AttentionProgress) => void
}

const cases = Object.entries(expected).flatMap(([model, found]) =>
  kinds.filter((kind) => found[kind]).map((kind) => ({ model, kind })),
)

test.for(cases)('$model $kind', async ({ model, kind }) => {
  const { layers } = await ask(model, kind)
  const wanted = expected[model]![kind]!
  expect(layers.map(({ layer }) => layer)).toEqual(wanted.map((_, layer) => layer))
  for (const { layer, heads } of layers) {
    expect(heads).toHaveLength(wanted[layer]!.length)
    for (const [head, numbers] of heads.entries())
      for (const [metric, value] of Object.entries(wanted[layer]![head]!)) {
        const found = numbers[metric as keyof HeadMetrics]
        const name = `layer ${layer} head ${head} ${metric}`
        if (value === null) expect(found, name).toBeNull()
        else expect(Math.abs(found! - value), name).toBeLessThan(1e-4)
      }
  }
})

describe('asking', () => {
  test('says each layer as it comes; a second look is the same numbers, not computed again', async () => {
    const parts: AttentionProgress[] = []
    const first = await ask('whisper-sdpa-17', 'decoder', { part: (part) => parts.push(part) })
    expect(parts).toEqual([0, 1, 2].map((done) => ({ done, total: 3 })))
    const second = await ask('whisper-sdpa-17', 'decoder')
    for (const [i, { heads }] of second.layers.entries()) expect(heads).toBe(first.layers[i]!.heads)
  })

  test('ends before the next layer when it is cancelled, and what was done is kept', async () => {
    const cancel = new AbortController()
    const parts: number[] = []
    const part = ({ done }: AttentionProgress): void => {
      parts.push(done)
      cancel.abort()
    }
    await expect(ask('whisper-eager-14', 'encoder', { signal: cancel.signal, part })).rejects.toThrow(/abort/i)
    expect(parts).toEqual([0])
    expect((await ask('whisper-eager-14', 'encoder')).layers).toHaveLength(2)
  })

  test('for attention that the model lacks is not found', async () => {
    await expect(ask('ast-sdpa-17', 'cross')).rejects.toMatchObject({ code: 'not-found' })
    await expect(ask('wav2vec2-sdpa-17', 'decoder')).rejects.toThrow(/has no decoder attention/)
  })

  test('for a run that is gone is not found', async () => {
    const subject = { run: 'gone', kind: 'encoder' as const, modelFolder: '', modelVariant: 'fp32' as const }
    await expect(setup.queries.attentionMetrics(subject, context)).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
