import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultRegion, type Recording } from '../../src/contract/recording.ts'
import type { Run } from '../../src/contract/run.ts'
import { secondsAt, timeOf } from '../../src/contract/grid.ts'
import { createEngine, type Engine } from '../../src/engine/index.ts'
import { resource } from '../../src/engine/paths.ts'
import { editDistance } from '../support/edit-distance.ts'
import { shapes, starters } from '../support/models.ts'

/** What somebody sees who has just started: the trained models in the box on the recordings in the box. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-starters-'))
let engine: Engine

beforeAll(async () => {
  engine = await createEngine({ cacheFolder: folder, threads: 1, host: 'a test' })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

/** Over what a first press on Run takes, or the `whole` recording. */
const run = async (model: string, name: string, whole = false): Promise<Run> => {
  const recording: Recording = await engine.client.host['files.open']({ path: resource('recordings', name) })
  const region = whole ? ([0, recording.seconds] as [number, number]) : defaultRegion(recording)
  return engine.client.engine['runs.start']({ recording: recording.id, region, model })
}

/** What the voice says, and when each word begins in seconds. */
const phrase = (): { words: string[]; onsets: number[] } => {
  const readme = readFileSync(resource('recordings', 'README.md'), 'utf8')
  const said = /voice\.wav[^"\n]*"([^"\n]+)"; the words begin at ([\d., ]+)/.exec(readme)
  if (!said) throw new Error('resources/recordings/README.md does not say what voice.wav says, in quotes, and when')
  return { words: said[1]!.split(' '), onsets: said[2]!.split(', ').map(Number) }
}

describe('the classifier', () => {
  const labels = async (name: string): Promise<string[]> =>
    ((await run(starters.ast, name)).result.labels?.items ?? []).map(({ label }) => label)

  test('hears thunder or its rain first', async () => {
    expect(['Thunder', 'Rain']).toContain((await labels('thunder.wav'))[0])
  })

  test('has wind chimes or a bell among its first three where chimes play', async () => {
    const first = (await labels('chimes.wav')).slice(0, 3)
    expect(first.filter((label) => ['Wind chime', 'Church bell'].includes(label))).not.toEqual([])
  })

  test('hears speech first where somebody speaks', async () => {
    expect((await labels('voice.wav'))[0]).toBe('Speech')
  })
})

test('the recogniser writes down what the voice says, but for a letter in ten', async () => {
  const said = phrase().words.join(' ').toUpperCase()
  const { result } = await run(starters.wav2vec2, 'voice.wav', true)
  expect(editDistance([...(result.text ?? '')], [...said]), result.text ?? '').toBeLessThanOrEqual(said.length / 10)
})

describe('the transcriber', () => {
  /** weights of one query of some heads over the steps of the sound */
  const row = async ({ id, grids }: Run, tap: string, heads: 'mean' | number[], index: number): Promise<number[]> => {
    const { values } = await engine.client.engine['runs.attentionLine']({ run: id, tap, heads, line: 'row', index })
    return [...values].slice(0, timeOf(grids.encoder).valid)
  }
  const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0)

  test('writes down what the voice says', async () => {
    const { result } = await run(starters.whisper, 'voice.wav', true)
    expect(result.text?.trim()).toBe(phrase().words.join(' '))
  })

  // which one is right in three of five sounds alone (its card); this mixture it takes for a bell
  test('writes no words where nobody speaks, but one sound in brackets', async () => {
    const { result } = await run(starters.whisper, 'thunder.wav')
    expect(result.text?.trim()).toMatch(/^\[[a-z ]+\]$/)
  })

  test('looks at every word where it is said as it reads it: a diagonal', async () => {
    const found = await run(starters.whisper, 'voice.wav', true)
    const { words, onsets } = phrase()
    const { alignment_heads } = JSON.parse(
      readFileSync(resource('models', starters.whisper, 'generation_config.json'), 'utf8'),
    ) as { alignment_heads: [number, number][] }
    const [layer] = alignment_heads[0]!
    const heads = alignment_heads.map(([, head]) => head)
    const grid = timeOf(found.grids.encoder)
    const first = found.result.tokens!.findIndex(({ forced }) => !forced)
    const looked: number[] = []
    for (const i of words.keys()) {
      const weights = await row(found, `cross.attention.${layer}`, heads, first + i)
      looked.push(sum(weights.map((weight, step) => weight * secondsAt(grid, step))) / sum(weights))
    }
    expect(looked).toEqual([...looked].sort((a, b) => a - b))
    const ends = [...onsets.slice(1), found.region[1]]
    for (const [i, seconds] of looked.entries()) {
      expect(seconds, words[i]).toBeGreaterThan(onsets[i]! - 0.1)
      expect(seconds, words[i]).toBeLessThan(ends[i]! + 0.1)
    }
  })

  test('looks near in its first layer and far in its last', async () => {
    const found = await run(starters.whisper, 'voice.wav', true)
    const reach = async (layer: number): Promise<number> => {
      const distances: number[] = []
      for (let query = 5; query < timeOf(found.grids.encoder).valid; query += 10) {
        const weights = await row(found, `encoder.attention.${layer}`, 'mean', query)
        distances.push(sum(weights.map((weight, key) => weight * Math.abs(key - query))) / sum(weights))
      }
      return sum(distances) / distances.length
    }
    expect(await reach(0)).toBeLessThan(await reach(shapes.whisper.layers - 1))
  })
})

test('none is called untrained, by itself or in its runs', async () => {
  const cards = await engine.client.engine['models.list']({})
  for (const id of Object.values(starters)) {
    expect(cards.find((card) => card.id === id)).toMatchObject({
      untrained: false,
      licence: 'CC0-1.0',
      note: expect.stringMatching(/^a starter: small, trained on synthesised /),
    })
    const { model, warnings } = await run(id, 'voice.wav')
    expect(model.untrained).toBe(false)
    expect(warnings.join()).not.toContain('untrained')
  }
})
