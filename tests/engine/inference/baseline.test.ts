import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Baseline, Run } from '../../../src/contract/run.ts'
import { createSession, type Feed } from '../../../src/engine/inference/session.ts'
import { coolDown } from '../../../src/engine/inference/warm.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { writeSkeleton } from '../../../src/engine/models/skeleton-file.ts'
import { untrainedTwin } from '../../../src/engine/models/untrained-twin.ts'
import { root } from '../../../src/engine/paths.ts'
import { openWorkFolder } from '../../../src/engine/work-folder.ts'
import { shuffleBlocks } from '../../../src/signal/shuffle.ts'
import { largestError } from '../../golden/load.ts'
import { goldenModel } from '../../support/models.ts'
import { context, querySetup } from './query-setup.ts'

/** Runs with something in place of the sound or the weights. */

const setup = querySetup()
afterAll(setup.close)
const clip = join(root, 'tests', 'golden', 'clip.wav')
const run = (model: string, baseline?: Baseline, options = {}): Promise<Run> =>
  setup.run(clip, goldenModel(model), { region: [0, 1.5], options: { ...options, ...(baseline && { baseline }) } })
const values = ({ id }: Run, tap: string): Float32Array => setup.store.tensor(id, tap).data as Float32Array

test('silence is heard as zeros, and is not warned of', async () => {
  const silent = await run('wav2vec2-bare-sdpa-14', 'silence')
  expect(values(silent, 'features').every((sample) => sample === 0)).toBe(true)
  expect(silent.warnings).toContain('a baseline: digital silence as long as the clip')
  expect(silent.warnings.join()).not.toContain('−100 dB')
  expect(silent.options.baseline).toBe('silence')
})

test('shuffled audio is the clip in blocks of 20 ms', async () => {
  const [plain, shuffled] = [await run('wav2vec2-bare-sdpa-14'), await run('wav2vec2-bare-sdpa-14', 'shuffled')]
  const expected = shuffleBlocks(values(plain, 'features'), 320, 1)
  // mean and variance of the whole are the same in any order, but for rounding
  expect(largestError(values(shuffled, 'features'), expected)).toBeLessThan(1e-5)
})

test.for(['wav2vec2-bare-sdpa-14', 'ast-sdpa-17', 'whisper-sdpa-17', 'wav2vec2-fused-17'])(
  '%s untrained: another model on the same sound, and its attention is that of its own weights',
  async (name) => {
    const options = name.startsWith('whisper') ? { tokens: [0, 1, 2, 3] } : {}
    const [plain, twin] = [await run(name, undefined, options), await run(name, 'untrained', options)]
    expect(values(twin, 'features')).toEqual(values(plain, 'features'))
    expect(values(twin, `encoder.hidden.${twin.encoder.layers}`)).not.toEqual(
      values(plain, `encoder.hidden.${plain.encoder.layers}`),
    )
    expect(twin.warnings).toContain('a baseline: untrained twin: weights shuffled')

    const subject = {
      run: twin.id,
      tap: 'encoder.attention.1',
      modelFolder: goldenModel(name),
      modelVariant: 'fp32' as const,
    }
    const { data } = await setup.queries.attentionValues(subject, context)
    const { encoder } = untrainedTwin(openModel(goldenModel(name), 'fp32'))
    using work = openWorkFolder(join(setup.store.folder, 'work'))
    const weights = encoder.self.find(({ layer }) => layer === 1)!.weights
    using session = await createSession(writeSkeleton(encoder, work.path, [weights]), { provider: 'cpu', threads: 1 })
    const { shape, dtype } = setup.store.tensor(twin.id, 'features')
    const feed = { dtype, shape: [1, ...shape], data: values(twin, 'features') } as Feed
    const found = await session.run({ [session.inputs[0]!.name]: feed }, [weights])
    expect(largestError(data, found[weights]!.data)).toBeLessThan(1e-4)
  },
)

test('the twin’s weights are files of its own while it is loaded, and none is left behind', async () => {
  const own = querySetup()
  const shuffled = (): number =>
    readdirSync(own.store.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.weights'))
      // a stock file is linked, not copied
      .filter((entry) => statSync(join(entry.parentPath, entry.name)).nlink === 1).length
  await own.run(clip, goldenModel('ast-sdpa-17'), { region: [0, 1.5], options: { baseline: 'untrained' } })
  expect(shuffled()).toBeGreaterThan(10)
  coolDown()
  expect(shuffled()).toBe(0)
  own.close()
})
