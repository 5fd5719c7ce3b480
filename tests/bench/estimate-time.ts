import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEstimate } from '../../src/contract/estimate.ts'
import type { Recording } from '../../src/contract/recording.ts'
import type { Run } from '../../src/contract/run.ts'
import { createEngine } from '../../src/engine/index.ts'
import type { Model } from '../../src/engine/models/model.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { inFolder, models, noise } from './material.ts'
import { printTable, type Row } from './measure.ts'

/**
 * A run's estimated seconds and cache bytes against those it took, on the CPU: of the first run of a model, which a trial of the processor
 * tells, and of another length, which the first run tells. A decoder that wrote as many
 * tokens as it may is held against what was said of that.
 */
const rate = 16_000
const lengths = ({ card }: Model): number[] => (card.maxSeconds === null ? [5, 10, 20, 2] : [5, 8])
const tokenOptions = ({ card }: Model): { maxTokens?: number }[] =>
  card.decoder ? [{ maxTokens: 8 }, { maxTokens: 40 }, {}] : [{}]

const rows: Row[] = []
const add = (what: string, against: string, unit: string, ours: number, baseline: number): void =>
  void rows.push({ what, against, unit, ours, baseline, ratio: ours / baseline })

const note = (what: string, estimate: RunEstimate, run: Run, wall: number, stored: number): void => {
  const { time, cache, tokens } = estimate
  const of = tokens && run.result.tokens?.length === tokens.most ? 'most' : 'likely'
  const told = `${time?.from === 'runs' ? 'by runs' : 'by a trial'}${time?.load ? ', loads' : ''}`
  add(`${what}, ${told}`, 'seconds', 's', time?.[of] ?? NaN, run.seconds)
  add(`${what}, ${told}`, 'until answered', 's', time?.[of] ?? NaN, wall)
  add(what, 'stored', 'kB', cache[of] / 1e3, stored / 1e3)
}

await inFolder(async (folder) => {
  const path = join(folder, 'noise.wav')
  writeFileSync(path, writeWav({ rate, channels: [noise(30 * rate).map((value) => value / 4)] }, 'f32'))
  for (const model of models()) {
    // a store of its own, and so no runs before these
    const engine = await createEngine({
      cacheFolder: join(folder, model.card.id),
      settingsFolder: folder,
      host: 'a benchmark',
    })
    const { engine: client, host } = engine.client
    const { id } = await host['models.open']({ model: model.folder })
    const recording: Recording = await host['files.open']({ path })
    for (const options of tokenOptions(model))
      for (const seconds of lengths(model)) {
        const input = {
          recording: recording.id,
          region: [0, seconds] as [number, number],
          model: id,
          options,
          device: 'cpu' as const,
        }
        const estimate = await client['runs.estimate'](input)
        const before = engine.store.stats().bytes
        const began = performance.now()
        const run = await client['runs.start'](input)
        const wall = (performance.now() - began) / 1000
        const tokens = model.card.decoder ? `, ${run.result.tokens?.length} tokens of ${estimate.tokens?.most}` : ''
        note(`${id}, ${seconds} s${tokens}`, estimate, run, wall, engine.store.stats().bytes - before)
      }
    await engine.close()
  }
})
printTable(rows)
