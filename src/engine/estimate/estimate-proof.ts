import type { ModelCard } from '../../contract/model.ts'
import { RunOptions } from '../../contract/run.ts'
import { modelRate } from '../models/families/config-number.ts'
import type { Model } from '../models/model.ts'
import { openModel } from '../models/open.ts'
import type { Need } from './estimate-memory.ts'
import { estimateRun } from './estimate-run.ts'
import { runShapes } from './run-shapes.ts'

/** of the sound that a model's taps are tried on */
const seconds = 2

/** Samples of that sound: two seconds, or what the model can hear of them. */
export const proofSamples = ({ card, preprocessor }: Model): number => {
  const rate = modelRate(preprocessor)
  return Math.max(Math.ceil(card.minSeconds * rate), Math.floor(Math.min(seconds, card.maxSeconds ?? seconds) * rate))
}

/** in onnxruntime's memory, in JavaScript's, and made again beside them; float32 */
const mapBytes = 3 * 4

/** What trying a model's taps takes: a run over a short sound, whose outputs are kept once more, and one map of attention at a time. */
export const needOfProof = (card: ModelCard, folder: string): Need => ({
  card,
  purpose: 'to be tried on a sound',
  shortens: false,
  memory: (variant) => {
    const model = openModel(folder, variant)
    const options = RunOptions.parse({})
    const shapes = runShapes(model, proofSamples(model), options)
    // the decoder is tried on its prompt alone, and the cached one not at all
    const tokens = Array<number>(shapes.tokens?.prompt ?? 1).fill(0)
    const run = estimateRun(model, shapes.samples, { ...options, tokens })
    const map = mapBytes * card.encoder.heads * shapes.steps ** 2
    return { ...run, activations: run.activations + map, total: run.total + map }
  },
})
