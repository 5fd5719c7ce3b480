import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Model } from '../../src/engine/models/model.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { context, querySetup, raw } from '../engine/inference/query-setup.ts'
import { printTable, type Row } from './measure.ts'
import { inFolder, models, noise } from './material.ts'

/** Memory of one process after many runs and many attention questions, against what it was early on. */
const runs = 20
const questions = 200

const residentMb = (): number => process.memoryUsage().rss / 1e6

/** The greatest of the last quarter against the greatest of the second: what is warm by then should not grow. */
const growth = async (count: number, work: (i: number) => unknown): Promise<Omit<Row, 'what'>> => {
  const seen: number[] = []
  for (let i = 0; i < count; i++) {
    await work(i)
    seen.push(residentMb())
  }
  const greatest = (from: number, to: number): number => Math.max(...seen.slice(from * count, to * count))
  const [baseline, ours] = [greatest(0.25, 0.5), greatest(0.75, 1)]
  return { ours, baseline, ratio: ours / baseline, unit: 'MB', against: 'second quarter' }
}

const measure = async (model: Model, wav: string): Promise<Row[]> => {
  const { queries, run, close } = querySetup()
  const { id, encoder } = await run(wav, model.folder, { region: [0, 5] })
  const ask = (i: number) =>
    queries.attention(
      {
        ...raw,
        run: id,
        tap: `encoder.attention.${i % encoder.layers}`,
        modelFolder: model.folder,
        modelVariant: 'fp32',
        heads: 'mean',
        queries: { unit: 'step', range: [0, 50] },
        keys: { unit: 'all' },
        width: 600,
        height: 600,
        pool: 'max',
      },
      context,
    )
  const asked = await growth(questions, ask)
  const ran = await growth(runs, () => run(wav, model.folder, { region: [0, 5] }))
  close()
  return [
    { what: `${model.card.id}: ${questions} questions over all layers, last quarter`, ...asked },
    { what: `${model.card.id}: ${runs} runs, last quarter`, ...ran },
  ]
}

await inFolder(async (folder) => {
  const wav = join(folder, 'noise.wav')
  writeFileSync(wav, writeWav({ rate: 16000, channels: [noise(80000)] }, 'f32'))
  const rows: Row[] = []
  for (const model of models()) rows.push(...(await measure(model, wav)))
  printTable(rows)
})
