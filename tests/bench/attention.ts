import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Span } from '../../src/contract/engine.ts'
import type { Heads } from '../../src/contract/heads.ts'
import type { Run } from '../../src/contract/run.ts'
import type { Range } from '../../src/contract/tensor.ts'
import { createKernel } from '../../src/engine/inference/kernel.ts'
import type { Model } from '../../src/engine/models/model.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { context, querySetup, raw } from '../engine/inference/query-setup.ts'
import { milliseconds, printTable, times, type Row } from './measure.ts'
import { inFolder, models, noise } from './material.ts'

/** Attention queries of Whisper's first encoder layer, against an onnxruntime MatMul + Softmax of the same size that is fed at once. */
const whisper = models().find(({ card }) => card.family === 'whisper')
if (!whisper) throw new Error('there is no Whisper in this folder of models')

const all: Span = { unit: 'all' }
const steps = (range: Range): Span => ({ unit: 'step', range })

const measure = async ({ folder, card }: Model, wav: string): Promise<Row[]> => {
  const { queries, run: start, close } = querySetup()
  const run = await start(wav, folder, { region: [0, 5], options: { tokens: [0, 1] } })
  const { heads, width } = card.encoder
  const count = run.taps.find(({ tap }) => tap === 'encoder.hidden.0')!.shape[0]!
  const kernel = await createKernel(1)
  const perHead = width / heads
  const [query, key] = [noise(count * perHead), noise(count * perHead)]
  const plain = async (rows: number, times: number): Promise<void> => {
    for (let head = 0; head < times; head++) await kernel.weights(query.subarray(0, rows * perHead), key, perHead)
  }
  const base = { ...raw, run: run.id, tap: 'encoder.attention.0', modelFolder: folder, modelVariant: 'fp32' as const }
  const map = (wanted: Heads, rows: Span, size: number) =>
    queries.attention(
      { ...base, heads: wanted, queries: rows, keys: all, width: size, height: size, pool: 'max' },
      context,
    )
  const first = await milliseconds(() => map([0], steps([0, 1]), count))
  const rows: [string, () => unknown, number, number][] = [
    ['one row of one head', () => line(run, [0]), 1, 1],
    ['one row, mean of all heads', () => line(run, 'mean'), 1, heads],
    ['200 rows, all keys, every head', () => values([0, 200]), 200, heads],
    ['the whole layer, every value', () => values([0, count]), count, heads],
    ['one head pooled to 600 × 600', () => map([0], all, 600), count, 1],
    ['mean of all heads pooled to 600 × 600', () => map('mean', all, 600), count, heads],
  ]
  const line = (of: Run, wanted: Heads) =>
    queries.attentionLine({ ...base, run: of.id, heads: wanted, line: 'row', index: 7 }, context)
  const values = (range: Range) => queries.attentionValues({ ...base, queries: range }, context)
  const found: Row[] = []
  for (const [what, ask, height, over] of rows)
    found.push({
      what,
      against: `${over} × (${height} × ${count})`,
      ...(await times(ask, () => plain(height, over), 15)),
    })
  console.log(`first question of a layer: ${first.toFixed(1)} ms (sub-graph cut, loaded and run once)`)
  kernel[Symbol.dispose]()
  close()
  return found
}

await inFolder(async (folder) => {
  const wav = join(folder, 'noise.wav')
  writeFileSync(wav, writeWav({ rate: 16000, channels: [noise(80000)] }, 'f32'))
  printTable(await measure(whisper, wav))
})
