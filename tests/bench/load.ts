import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Model } from '../../src/engine/models/model.ts'
import { compare, printTable, type Row } from './measure.ts'
import { inFolder, models } from './material.ts'

/**
 * Encoders loaded as skeletons with every hidden state exposed, against the stock file; then with every attention map exposed as
 * well, against hidden states alone. Each in a process of its own.
 */
interface Measured {
  loadMs: number
  runMs: number
  peakMb: number
}

const rounds = 3

const once = (how: string, model: Model, seconds: number): Promise<Measured> =>
  inFolder(
    (work) =>
      new Promise((resolve, reject) => {
        const script = join(import.meta.dirname, 'load-once.ts')
        const words = [script, '-', how, model.folder, work, String(seconds)]
        execFile(process.execPath, words, (error, stdout) => {
          if (stdout) resolve(JSON.parse(stdout) as Measured)
          else reject(error ?? new Error('no answer'))
        })
      }),
  )

const rows: Row[] = []
for (const model of models()) {
  const seconds = model.card.family === 'ast' ? 10 : 5
  const found: Record<'stock' | 'hidden' | 'attention', Measured>[] = []
  for (let i = 0; i < rounds; i++) {
    const [stock, hidden] = [await once('stock', model, seconds), await once('hidden', model, seconds)]
    found.push({ stock, hidden, attention: await once('attention', model, seconds) })
  }
  for (const [what, key, unit] of [
    ['load', 'loadMs', 'ms'],
    ['run', 'runMs', 'ms'],
    ['peak memory', 'peakMb', 'MB'],
  ] as const) {
    const hidden = compare(found.map((each) => [each.hidden[key], each.stock[key]]))
    const maps = compare(found.map((each) => [each.attention[key], each.hidden[key]]))
    rows.push({ what: `${model.card.id} ${what}, hidden states exposed`, against: 'stock file', unit, ...hidden })
    rows.push({ what: `${model.card.id} ${what}, attention exposed too`, against: 'hidden states', unit, ...maps })
  }
}
printTable(rows)
