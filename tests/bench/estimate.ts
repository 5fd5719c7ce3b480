import type { Model } from '../../src/engine/models/model.ts'
import { measureRun, type Case } from '../engine/estimate/measure.ts'
import { models } from './material.ts'
import { printTable, type Row } from './measure.ts'

/** A run's estimated memory against what its process took at its peak, for every model, variant and several lengths. */
const subjects = ({ card, folder }: Model): (Case & { name: string })[] =>
  card.variants.flatMap((variant) => {
    const of = (seconds: number, options: Case['options'] = {}, what = '') => ({
      name: `${card.id} ${variant}, ${seconds} s${what}`,
      folder,
      variant,
      seconds,
      options,
    })
    if (card.family === 'ast') return [of(10)]
    if (card.family === 'whisper') return [of(30, { maxTokens: 10 }, ', 10 tokens'), of(30, {}, ', all tokens')]
    return (variant === 'fp32' ? [1, 5, 15, 30, 60] : [5, 30]).map((seconds) => of(seconds))
  })

const rows: Row[] = []
for (const model of models()) {
  for (const { name, ...subject } of subjects(model)) {
    const { estimate, measured } = await measureRun(subject)
    const [ours, baseline] = [estimate / 1e6, measured / 1e6]
    rows.push({ what: name, against: 'peak', unit: 'MB', ours, baseline, ratio: ours / baseline })
  }
}
printTable(rows)
