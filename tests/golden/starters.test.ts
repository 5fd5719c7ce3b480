import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultRegion, type Recording } from '../../src/contract/recording.ts'
import type { Run } from '../../src/contract/run.ts'
import { createEngine, type Engine } from '../../src/engine/index.ts'
import { resource } from '../../src/engine/paths.ts'
import { editDistance } from '../support/edit-distance.ts'
import { starters } from '../support/models.ts'

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

/** What the voice says, in the letters a CTC head writes. */
const phrase = (): string => {
  const said = /voice\.wav[^"\n]*"([^"\n]+)"/.exec(readFileSync(resource('recordings', 'README.md'), 'utf8'))?.[1]
  if (said === undefined) throw new Error('resources/recordings/README.md does not say what voice.wav says, in quotes')
  return said
    .toUpperCase()
    .replaceAll(/[^A-Z' ]/g, '')
    .trim()
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
  const said = phrase()
  const { result } = await run(starters.wav2vec2, 'voice.wav', true)
  expect(editDistance([...(result.text ?? '')], [...said]), result.text ?? '').toBeLessThanOrEqual(said.length / 10)
})

test('neither is called untrained, by itself or in its runs', async () => {
  const cards = await engine.client.engine['models.list']({})
  for (const id of [starters.ast, starters.wav2vec2]) {
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
