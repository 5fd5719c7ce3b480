import { outputOf, stepCount, type Grids } from '../../contract/grid.ts'
import type { RunOptions } from '../../contract/run.ts'
import { lengthLimit, promptOf } from '../analysis/generate.ts'
import { rulesOf } from '../analysis/generation-rules.ts'
import { configCount } from '../models/families/config-number.ts'
import { familyById } from '../models/families/families.ts'
import type { Model } from '../models/model.ts'

/** The shapes of what a run makes of a clip, known before anything is loaded. */
export interface RunShapes {
  samples: number
  grids: Grids
  /** by the family's `axes` */
  features: number[]
  /** of the encoder's sequence */
  steps: number
  /** longest sequence the decoder may write, prompt included, and its prompt; null without a decoder */
  tokens: { prompt: number; most: number } | null
  /** what the head gives for each row: characters, pieces of words, labels; 0 without a head */
  scores: number
  /** rows the head gives, but for a decoder's, which are its tokens */
  rows: number
}

/** Shapes for a clip of `samples` that begins at `start` seconds. */
export const runShapes = (model: Model, samples: number, options: RunOptions, start = 0): RunShapes => {
  const { card, config, preprocessor } = model
  const family = familyById[card.family]
  const grids = family.grids(samples, start, preprocessor, config)
  const bands = family.bandHertz(preprocessor)?.length ?? 1
  return {
    samples,
    grids,
    features: family.axes(preprocessor).map((axis) => (axis === 'mel' ? bands : grids.features.count)),
    steps: stepCount(grids.encoder),
    tokens: card.decoder ? tokensOf(model, options) : null,
    scores: scoresOf(model),
    rows: card.type === 'ctc' ? outputOf(grids).count : card.type === 'classifier' ? 1 : 0,
  }
}

const tokensOf = (model: Model, options: RunOptions): NonNullable<RunShapes['tokens']> => {
  const given = options.tokens?.length
  if (given !== undefined) return { prompt: given, most: given }
  const rules = rulesOf(model)
  const [some = null] = rules.languages.keys()
  const prompt = promptOf(rules, options.language === 'auto' ? some : options.language, options.task).length
  return { prompt, most: lengthLimit(rules, prompt, options.maxTokens) }
}

const scoresOf = ({ card, config, inspection }: Model): number => {
  if (card.type === 'encoder') return 0
  // two is what Hugging Face's configs mean where they name none
  if (card.type === 'classifier')
    return Object.keys(config['id2label'] ?? {}).length || configCount(config, 'num_labels', 2)
  return inspection.vocabulary ?? 0
}
