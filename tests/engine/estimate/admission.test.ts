import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ModelCard } from '../../../src/contract/model.ts'
import type { Recording } from '../../../src/contract/recording.ts'
import { createEngine, type Engine } from '../../../src/engine/index.ts'
import { estimateMemory, needOfRun } from '../../../src/engine/estimate/estimate-memory.ts'
import { readCard } from '../../../src/engine/models/folder.ts'
import { resource } from '../../../src/engine/paths.ts'
import { startProcesses } from '../../../src/engine/processes.ts'
import { createSettings } from '../../../src/engine/settings/live-settings.ts'
import { unpackVariants } from '../../golden/variants.ts'
import { exampleJob } from '../jobs/example-job.ts'
import { starters } from '../../support/models.ts'

const parent = mkdtempSync(join(tmpdir(), 'otoscope-admission-'))
const engines: Engine[] = []
let variants: string
beforeAll(() => (variants = unpackVariants('ast-eager-14', parent)))
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})
afterAll(() => rmSync(parent, { recursive: true, force: true }))

const open = async (memoryLimit?: number): Promise<{ engine: Engine; recording: Recording }> => {
  const engine = await createEngine({
    cacheFolder: join(parent, 'cache'),
    threads: 1,
    host: 'a test',
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  })
  engines.push(engine)
  return { engine, recording: await engine.client.host['files.open']({ path: resource('recordings', 'voice.wav') }) }
}
const input = (recording: Recording, model: string, region: [number, number] = [0, 1]) => ({
  recording: recording.id,
  region,
  model,
})

/** The parts of an engine that decide, with none of its processes running. */
const partsOf = (memoryLimit: number) => {
  const settings = createSettings(join(parent, 'no-settings'), { memoryLimit })
  return { settings, processes: startProcesses({ storeFolder: parent, settings, onGone: () => {} }) }
}

describe('a run that fits', () => {
  test('is estimated before anything is loaded', async () => {
    const { engine, recording } = await open()
    const estimate = await engine.client.engine['runs.estimate'](input(recording, starters.ast))
    expect(estimate).toMatchObject({ fits: true, refused: '', smaller: [] })
    expect(estimate.total).toBeGreaterThan(estimate.weights + estimate.activations)
    expect(estimate.limit).toBeGreaterThan(estimate.total)
    // the processor was tried, in the process that would run it
    const { processes } = await engine.client.engine['system.card']({})
    expect(processes).toEqual({ jobs: expect.any(Number), queries: null })
    expect(estimate.time!.load).toBeGreaterThan(0)
  })

  test('goes ahead under a limit that leaves room for one model after the other', async () => {
    const { engine, recording } = await open(300e6)
    const models = [starters.ast, starters.wav2vec2, starters.ast]
    for (const [i, model] of models.entries()) {
      const run = await engine.client.engine['runs.start'](input(recording, model, [0, 1 + 0.1 * i]))
      expect(run.fromStore).toBe(false)
    }
  })
})

test('a run for which memory is short makes the process that answers questions give back what it holds', async () => {
  const { engine, recording } = await open(250e6)
  const { engine: client } = engine.client
  const ask = async (seconds: number): Promise<number | null> => {
    const { id } = await client['runs.start'](input(recording, starters.wav2vec2, [0, seconds]))
    const { queries } = (await client['system.card']({})).processes
    const tap = 'encoder.attention.0'
    await client['runs.attentionLine']({ run: id, tap, heads: 'mean', line: 'row', index: 0 })
    return queries
  }
  await ask(1.1)
  expect((await client['system.card']({})).processes.queries).not.toBeNull()
  expect(await ask(1.2)).toBeNull()
})

describe('a run that does not fit', () => {
  test('is refused before anything is loaded, with the numbers and a way out', async () => {
    const { engine, recording } = await open(120e6)
    const { engine: client } = engine.client
    const long = input(recording, starters.wav2vec2, [0, 2])
    await expect(client['runs.start'](long)).rejects.toMatchObject({
      code: 'no-memory',
      message: `${starters.wav2vec2} needs about 173 MB for this region and 120 MB may be used (the memory limit): choose a shorter region`,
    })
    const fixed = client['runs.start'](input(recording, starters.ast, [0, 3]))
    await expect(fixed).rejects.toThrow(new RegExp(`^${starters.ast} needs about \\d+ MB .*: raise the limit$`))
    expect((await client['system.card']({})).processes.jobs).toBeNull()
  })

  test('is answered all the same where its result is stored', async () => {
    const first = await open()
    const wanted = input(first.recording, starters.wav2vec2, [0, 1.5])
    const { id } = await first.engine.client.engine['runs.start'](wanted)
    const second = await open(120e6)
    const again = await second.engine.client.engine['runs.start'](wanted)
    expect(again).toMatchObject({ id, fromStore: true })
  })

  test('is offered the variants of its folder that would', async () => {
    const first = await open()
    const card = await first.engine.client.host['models.open']({ model: variants })
    const whole = await first.engine.client.engine['runs.estimate'](input(first.recording, card.id))
    const { engine, recording } = await open(whole.total - 1)
    await engine.client.host['models.open']({ model: variants })
    const estimate = await engine.client.engine['runs.estimate'](input(recording, card.id))
    expect(estimate.fits).toBe(false)
    expect(estimate.smaller).toContainEqual({ model: `${card.id}:q8`, total: expect.any(Number), here: true })
    for (const { total } of estimate.smaller) expect(total).toBeLessThan(whole.total)
    expect(estimate.refused).toContain(`${card.id}:q8`)
    const run = await engine.client.engine['runs.start'](input(recording, `${card.id}:q8`))
    expect(run.model.variant).toBe('q8')
  })

  test('of a model of the hub is offered the variant that can be downloaded', async () => {
    const job = await exampleJob('a', starters.ast)
    const card: ModelCard = {
      ...readCard(job.modelFolder),
      id: 'someone/ast',
      hub: { repo: 'someone/ast', revision: 'f'.repeat(40) },
    }
    const roomy = await estimateMemory(partsOf(1e9), needOfRun({ job, card }))
    const estimate = await estimateMemory(partsOf(roomy.total - 1), needOfRun({ job, card }))
    expect(estimate.smaller).toEqual([{ model: 'someone/ast:q8', total: expect.any(Number), here: false }])
    expect(roomy.total - estimate.smaller[0]!.total).toBeCloseTo(0.75 * roomy.weights, -1)
    expect(estimate.refused).toMatch(/otoscope models pull someone\/ast --variant q8$/)
  })
})
