import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompareProgress } from '../../../src/contract/compare.ts'
import type { Run } from '../../../src/contract/run.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { defaultStft } from '../../../src/signal/stft.ts'
import { createSounds } from '../../../src/engine/audio/sounds.ts'
import { compareHandlers } from '../../../src/engine/handlers/compare.ts'
import { createRunPlaces } from '../../../src/engine/handlers/run-places.ts'
import { createLayerQueries } from '../../../src/engine/inference/layers.ts'
import type { EngineParts } from '../../../src/engine/parts.ts'
import { largestError, loadJson } from '../../golden/load.ts'
import { goldenModel } from '../../support/models.ts'
import { context, querySetup } from '../inference/query-setup.ts'

/** Differences of two stretches of one clip, beside numpy's from PyTorch's numbers (tools/make-compare-goldens.py). */

interface Golden {
  steps: [number, number]
  partners: [number, number]
  layers: { unlike: number; difference: number }[]
  hidden: number[][]
  attention: number[][]
}
const { a, b, offset, every, models } = loadJson<{
  a: [number, number]
  b: [number, number]
  offset: number
  every: number
  models: Record<string, Golden>
}>(new URL('../../golden/compare.json', import.meta.url))
const clip = fileURLToPath(new URL('../../golden/clip.wav', import.meta.url))
const setup = querySetup()
const layers = createLayerQueries(() => setup.store, 1)
const sounds = createSounds()
const runs: Record<string, { a: Run; b: Run }> = {}
let recording = ''

const silent = { ...context, part: () => {} }
// the two inference processes answer here, in this one
const queries = {
  attentionDifference: (input: Parameters<typeof setup.queries.attentionDifference>[0]) =>
    setup.queries.attentionDifference(input, silent),
  layerDifferences: (
    input: Parameters<typeof layers.layerDifferences>[0],
    options: { onPart?: (part: CompareProgress) => void },
  ) => layers.layerDifferences(input, { ...context, part: options.onPart ?? (() => {}) }),
}
const parts = { store: setup.store, sounds, processes: { queries } } as unknown as EngineParts
const places = createRunPlaces(parts)
const compare = compareHandlers(parts, places)

beforeAll(async () => {
  recording = (await sounds.open(clip)).id
  for (const model of Object.keys(models)) {
    const modelFolder = goldenModel(model)
    const run = async (region: [number, number]): Promise<Run> => {
      const made = await setup.run(clip, modelFolder, { region })
      places.remember(made.id, { modelFolder, modelVariant: 'fp32' })
      return made
    }
    runs[model] = { a: await run(a), b: await run(b) }
  }
})
afterAll(() => {
  layers.close()
  setup.close()
})

const tolerance = 1e-4
const whole = { width: 4096, height: 4096 }
const ids = (model: string) => ({ a: runs[model]!.a.id, b: runs[model]!.b.id, offset })

describe.each(Object.entries(models))('%s', (model, golden) => {
  test('hidden states differ by what numpy says, on common steps alone', async () => {
    const tap = `encoder.hidden.${golden.layers.length - 1}`
    const input = { ...ids(model), tap, range: null, dimensions: [0, 3] as [number, number], ...whole }
    const { raster, grid, common } = await compare['compare.hidden'](input, silent)
    expect([common.steps, common.partners]).toEqual([golden.steps, golden.partners])
    const count = golden.steps[1] - golden.steps[0]
    for (let row = 0; row < 3; row++) {
      const from = row * raster.columns + golden.steps[0]
      expect(largestError(raster.data.subarray(from, from + count), golden.hidden[row]!)).toBeLessThan(tolerance)
    }
    for (let c = 0; c < raster.columns; c++)
      expect(Number.isNaN(raster.data[c]), `step ${c}`).toBe(c < golden.steps[0] || c >= golden.steps[1])
    // of B's seconds
    expect(grid!.start).toBeCloseTo(
      runs[model]!.b.region[0] + 0.025 + (model.startsWith('w') ? (model.startsWith('wa') ? 0.01246875 : 0) : 0.0875),
      6,
    )
  })

  test('attention differs by what numpy says', async () => {
    const tap = `encoder.attention.${golden.layers.length - 2}`
    const steps = golden.steps
    const input = { ...ids(model), tap, head: 1, queries: steps, keys: steps, ...whole }
    const { raster, sameTokens } = await compare['compare.attention'](input, silent)
    expect(raster.source).toEqual({ rows: steps, columns: steps })
    const wanted = golden.attention.map((_, r) =>
      golden.attention.map((_, c) => raster.data[r * every * raster.columns + c * every]!),
    )
    expect(largestError(wanted.flat(), golden.attention.flat())).toBeLessThan(tolerance)
    expect(sameTokens).toBeNull()
  })

  test('layers differ by what numpy says, and each is said as it comes', async () => {
    const heard: CompareProgress[] = []
    const input = { ...ids(model), side: 'encoder' as const }
    const found = await compare['compare.layers'](input, { ...context, part: (part) => heard.push(part) })
    expect(found.steps).toBe(golden.steps[1] - golden.steps[0])
    expect(heard.map(({ done }) => done)).toEqual(golden.layers.map((_, layer) => layer))
    for (const measure of ['unlike', 'difference'] as const)
      expect(
        largestError(
          found.layers.map((one) => one[measure]),
          golden.layers.map((one) => one[measure]),
        ),
      ).toBeLessThan(tolerance)
  })
})

describe('asking', () => {
  test('a clip against itself is 0 everywhere, and a stretch against one of another moment where the two overlap', async () => {
    const run = runs['whisper-sdpa-17']!
    const same = { a: run.a.id, b: run.a.id, offset: 0 }
    const { raster } = await compare['compare.features']({ ...same, range: a, ...whole }, silent)
    expect([raster.low, raster.high]).toEqual([0, 0])
    const sound = { a: { recording, region: a }, b: { recording, region: b }, offset: 0 }
    const overlap = await compare['compare.spectrogram'](
      { ...sound, range: [0, 3], ...whole, stft: defaultStft },
      silent,
    )
    expect([overlap.raster.low, overlap.raster.high]).toEqual([0, 0])
    // 1 s of 256 samples at 16 kHz
    expect(Math.abs(overlap.common.steps[1] - overlap.common.steps[0] - 62.5)).toBeLessThan(1)
  })

  test('frequencies may be chosen', async () => {
    const sound = { a: { recording, region: a }, b: { recording, region: b }, offset: 0.5 }
    const asked = { ...sound, range: [0, 3] as [number, number], hertz: [1000, 2000] as [number, number], ...whole }
    const found = await compare['compare.spectrogram']({ ...asked, stft: defaultStft }, silent)
    expect([found.hertz[0], found.hertz.at(-1)]).toEqual([1000, 2000])
    expect(found.raster.rows).toBe(found.hertz.length)
    const inMel = { size: 2048, hop: 512, window: 'blackman', scale: 'mel' } as const
    const other = await compare['compare.spectrogram']({ ...asked, height: 40, stft: inMel }, silent)
    expect([other.raster.rows, other.hertz.length]).toEqual([40, 40])
    expect(other.title).toBe('STFT 2048/512 Blackman · mel at 16 kHz')
    expect([other.raster.low, other.raster.high].every(Number.isFinite)).toBe(true)
  })

  test('runs of two models are refused, and alignments without anything in common', async () => {
    const [first, second] = [runs['whisper-sdpa-17']!, runs['ast-sdpa-17']!]
    const input = { tap: 'encoder.hidden.1', range: null, dimensions: [0, 3] as [number, number], ...whole }
    expect(() => compare['compare.hidden']({ a: first.a.id, b: second.b.id, offset: 0, ...input }, silent)).toThrow(
      /needs one model/,
    )
    expect(() => compare['compare.hidden']({ a: first.a.id, b: first.b.id, offset: 9, ...input }, silent)).toThrow(
      /no steps in common/,
    )
    expect(() => compare['compare.hidden']({ a: 'gone', b: first.b.id, offset: 9, ...input }, silent)).toThrow(
      /no longer in the store/,
    )
  })

  test('the onset of a clip is in seconds of the recording', async () => {
    const { onset } = loadJson<{ onset: { first: number } }>(new URL('../../golden/compare.json', import.meta.url))
    const clips = [
      { recording, region: [0, 2] as [number, number] },
      { recording, region: [1.72, 1.88] as [number, number] },
    ]
    const [first, none] = await compare['compare.onsets']({ clips }, silent)
    expect(first).toBe(onset.first / 16_000)
    // digital silence
    expect(none).toBeNull()
  })
})

test('a clip is heard with what stands around it, and silence outside the recording', async () => {
  const { recording: one } = await openRecording(clip)
  const { readHeard } = await import('../../../src/engine/audio/heard.ts')
  const opened = { path: clip, recording: one }
  const inner = await readHeard(opened, [1, 2], { before: 100, after: 50 })
  const outer = await readHeard(opened, [0, 5], { before: 100, after: 50 })
  expect([inner.first, inner.region, inner.samples.length]).toEqual([15_900, [16_000, 32_000], 16_150])
  expect(outer.first).toBe(-100)
  expect(outer.samples.subarray(0, 100).every((value) => value === 0)).toBe(true)
  expect(outer.samples.subarray(16_000, 32_150)).toEqual(inner.samples)
})
