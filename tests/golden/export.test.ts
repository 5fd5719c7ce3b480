import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunOptions } from '../../src/contract/run.ts'
import { openArrayFile } from '../../src/engine/export/array-file.ts'
import { exportRun } from '../../src/engine/export/tensors.ts'
import { createEngine, type Engine } from '../../src/engine/index.ts'
import { root } from '../../src/engine/paths.ts'
import { exportedArrays, otoscope } from './command.ts'
import { differences, manifest } from './compare.ts'
import { loadTensors, type LoadedTensor } from './load.ts'

const clip = fileURLToPath(new URL('./clip.wav', import.meta.url))

/** Forced tokens and a given language are tried on one of Whisper's variants; all find language and tokens themselves. */
const runsOf = (golden: string, folder: string): string[] => {
  const all = Object.keys(manifest.goldens[golden]!.runs)
  return golden === 'whisper' && !folder.endsWith('sdpa-14') ? ['detected'] : all
}

/** By the command line where a model is shipped or one of the first three families; a process each takes its time. */
const byCommand = /^resources|models\/(wav2vec2|whisper|ast)-sdpa-14$/

const cases = manifest.models.flatMap(({ golden, folder, region }) =>
  runsOf(golden, folder).map((run) => [basename(folder), run, { golden, folder, region }] as const),
)

describe.concurrent("otoscope export against PyTorch's eager attention", () => {
  it.each(cases.filter(([, , { folder }]) => byCommand.test(folder)))(
    'agrees on every array: %s, %s',
    async (_name, run, { golden, folder, region }) => {
      const options = manifest.goldens[golden]!.runs[run]!
      const actual = await exportedArrays(clip, folder, '--no-cache', '--region', region, ...options)
      expect(differences(actual, golden, run)).toEqual([])
    },
    180_000,
  )
})

describe("what export writes against PyTorch's eager attention", () => {
  const work = mkdtempSync(join(tmpdir(), 'otoscope-golden-'))
  let engine: Engine
  beforeAll(async () => {
    engine = await createEngine({ cacheFolder: join(work, 'cache'), threads: 1, host: 'a test' })
  })
  afterAll(async () => {
    await engine.close()
    rmSync(work, { recursive: true })
  })

  /** The command's own way, with one engine for all of them. */
  const arraysOf = async (model: string, region: string, words: string[]): Promise<Map<string, LoadedTensor>> => {
    const { engine: client, host } = engine.client
    const card = await host['models.open']({ model })
    const recording = await host['files.open']({ path: clip })
    const [word, value = ''] = words
    const options = word === '--tokens' ? { tokens: value.split(',').map(Number) } : word ? { language: value } : {}
    const [start, end] = region.split(':').map(Number)
    const run = await client['runs.start']({
      recording: recording.id,
      region: [start!, end!],
      model: card.id,
      options: RunOptions.parse(options),
      device: 'cpu',
    })
    const out = join(work, 'out.safetensors')
    const file = openArrayFile(out)
    await exportRun(engine.arraySource(card.id), run, file, { taps: run.taps.map(({ tap }) => tap) })
    file.commit()
    const arrays = loadTensors(out)
    rmSync(out)
    return arrays
  }

  it.each(cases.filter(([, , { folder }]) => !byCommand.test(folder)))(
    'agrees on every array: %s, %s',
    async (_name, run, { golden, folder, region }) => {
      const actual = await arraysOf(resolve(root, folder), region, manifest.goldens[golden]!.runs[run]!)
      expect(differences(actual, golden, run)).toEqual([])
    },
    60_000,
  )
})

describe.concurrent('otoscope inspect against PyTorch', () => {
  it.each(manifest.models.filter(({ folder }) => /^resources|sdpa-14/.test(folder)).map((m) => [m.folder, m] as const))(
    'counts the same parameters: %s',
    async (folder, { golden }) => {
      const card = JSON.parse(await otoscope('inspect', folder, '--json')) as Record<string, unknown>
      expect(card).toMatchObject({ untrained: !folder.endsWith('-starter'), parameters: manifest.goldens[golden]!.parameters })
    },
  )
})
