import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JobInput } from '../../../src/contract/inference.ts'
import type { Recording } from '../../../src/contract/recording.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { runJob } from '../../../src/engine/inference/run.ts'
import { coolDown } from '../../../src/engine/inference/warm.ts'
import { root } from '../../../src/engine/paths.ts'
import { openStore } from '../../../src/engine/store/database.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { largestError, loadJson, loadTensors } from '../../golden/load.ts'
import { partOf } from '../../golden/parts.ts'

interface Manifest {
  models: { golden: string; folder: string; region: string }[]
  goldens: Record<
    string,
    { runs: Record<string, string[]>; arrays: Record<string, Record<string, { largest: number }>> }
  >
}

const golden = new URL('../../golden/', import.meta.url)
const manifest = loadJson<Manifest>(new URL('goldens.json', golden))
const tensors = loadTensors(new URL('goldens.safetensors', golden))
const clip = fileURLToPath(new URL('clip.wav', golden))
const folder = mkdtempSync(join(tmpdir(), 'otoscope-goldens-'))

let recording: Recording
let store: Store
beforeAll(async () => {
  store = openStore(folder)
  recording = (await openRecording(clip)).recording
})
afterAll(() => {
  coolDown()
  store.close()
  rmSync(folder, { recursive: true })
})

/** The words a golden's run was made with on the command line, as options. */
const optionsOf = ([word, value = '']: string[]): Record<string, unknown> => {
  if (word === '--tokens') return { tokens: value.split(',').map(Number) }
  return word === '--language' ? { language: value } : {}
}

const cases = manifest.models.flatMap((model) =>
  Object.entries(manifest.goldens[model.golden]?.runs ?? {}).map(
    ([run, words]) => [basename(model.folder), run, { ...model, words }] as const,
  ),
)

describe('a run agrees with PyTorch and Hugging Face’s generate', () => {
  test.each(cases)('%s, %s', async (name, run, model) => {
    const id = `${name} ${run}`
    const job = JobInput.parse({
      id,
      recording: recording.id,
      recordingPath: clip,
      recordingName: recording.name,
      opened: recording,
      model: name,
      modelFolder: resolve(root, model.folder),
      modelVariant: 'fp32',
      candidates: [{ provider: 'cpu', name: 'CPU' }],
      modelHash: name,
      region: model.region.split(':').map(Number),
      options: optionsOf(model.words),
      threads: 1,
    })
    const { taps } = await runJob(job, store, { signal: new AbortController().signal, part: () => {} })
    const stored = new Set(taps.filter((card) => card.stored).map((card) => card.tap))
    let compared = 0
    for (const [key, expected] of tensors) {
      const [from = '', tap = '', part = ''] = key.slice(model.golden.length + 1).split(/[/#]/)
      if (!key.startsWith(`${model.golden}/`) || (from !== run && from !== 'encoder') || !stored.has(tap)) continue
      const largest = manifest.goldens[model.golden]?.arrays[from]?.[tap]?.largest ?? 0
      const values = expected.data instanceof BigInt64Array ? Array.from(expected.data, Number) : expected.data
      const tolerance = tap === 'tokens' ? 0 : tap === 'features' ? 5e-4 : Math.max(1e-4, 1e-5 * largest)
      expect(largestError(partOf(store.tensor(id, tap), part), values as Float32Array), tap).toBeLessThanOrEqual(
        tolerance,
      )
      compared++
    }
    expect(compared).toBe(stored.size)
  })
})
