import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { RunOptions } from '../../../src/contract/run.ts'
import { estimateRun } from '../../../src/engine/estimate/estimate-run.ts'
import { weightBytes } from '../../../src/engine/estimate/graph-facts.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { resource } from '../../../src/engine/paths.ts'
import { unpackVariants } from '../../golden/variants.ts'
import { goldenModel, starters } from '../../support/models.ts'
import { testNeeding } from '../../support/needs.ts'
import { measureRun, type Case } from './measure.ts'

const parent = mkdtempSync(join(tmpdir(), 'otoscope-estimate-'))
afterAll(() => rmSync(parent, { recursive: true }))

const shipped = (family: keyof typeof starters): string => resource('models', starters[family])
const rate = 16_000
const estimate = (folder: string, seconds: number, options: Partial<RunOptions> = {}) =>
  estimateRun(openModel(folder), seconds * rate, RunOptions.parse(options))

describe('the estimate lies within a factor of 1.5 of what the process really took, for', () => {
  const cases: Case[] = [
    { folder: shipped('wav2vec2'), seconds: 1 },
    { folder: shipped('wav2vec2'), seconds: 30 },
    { folder: shipped('wav2vec2'), seconds: 60 },
    { folder: shipped('ast'), seconds: 10 },
    { folder: shipped('whisper'), seconds: 5, options: { maxTokens: 10 } },
    { folder: shipped('whisper'), seconds: 30 },
  ]
  for (const subject of cases)
    testNeeding('peaks')(`${subject.folder.split(/[\\/]/).at(-1)} on ${subject.seconds} s`, async () => {
      const { estimate, measured } = await measureRun(subject)
      expect(estimate / measured).toBeGreaterThan(1 / 1.5)
      expect(estimate / measured).toBeLessThan(1.5)
    })
})

describe('the estimate of a run', () => {
  test('grows with the clip where the model hears it whole, and faster than it once the scores weigh most', () => {
    const [short, long, longest] = [5, 30, 120].map((seconds) => estimate(shipped('wav2vec2'), seconds))
    expect(long!.activations).toBeGreaterThan(6 * short!.activations)
    expect(longest!.activations).toBeGreaterThan(8 * long!.activations)
    expect([short!.weights, longest!.weights]).toEqual([long!.weights, long!.weights])
  })

  test('is the same for every clip where the model hears a window of fixed length', () => {
    for (const name of ['ast', 'whisper'] as const) {
      const [short, long] = [estimate(shipped(name), 1), estimate(shipped(name), 10)]
      expect(Math.abs(short.total - long.total)).toBeLessThan(1e6)
    }
  })

  test('counts the tokens there may be, and the cached decoder only where tokens are generated', () => {
    const whisper = shipped('whisper')
    expect(estimate(whisper, 5, { maxTokens: 400 }).total).toBeGreaterThan(estimate(whisper, 5, { maxTokens: 4 }).total)
    const given = estimate(whisper, 5, { tokens: [1, 2, 3] })
    expect(given.weights).toBeLessThan(estimate(whisper, 5, { maxTokens: 3 }).weights)
  })

  test('counts weights as they are held: half precision cast up beside the original, 8 bits as they are', () => {
    const folder = unpackVariants('wav2vec2-bmm-14', parent)
    const weights = (variant: 'fp32' | 'fp16' | 'q8'): number =>
      estimateRun(openModel(folder, variant), rate, RunOptions.parse({})).weights
    expect(weights('fp16') / weights('fp32')).toBeCloseTo(1.5, 1)
    expect(weights('q8') / weights('fp32')).toBeLessThan(0.6)
  })

  test('has Whisper’s embedding twice, as it is and turned round', () => {
    const { decoder } = openModel(goldenModel('whisper-sdpa-17'))
    const stored = [...decoder!.graph.initializers.values()].reduce((sum, { data }) => sum + data.length, 0)
    const embedding = decoder!.graph.initializers.get('model.model.decoder.embed_tokens.weight')!.data.length
    expect(weightBytes([decoder!])).toBe(stored + embedding)
  })
})
