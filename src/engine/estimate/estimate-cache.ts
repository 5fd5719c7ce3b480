import { bytesText } from '../../figures/estimate-text.ts'
import type { CacheEstimate, RunEstimate } from '../../contract/estimate.ts'
import type { ModelCard } from '../../contract/model.ts'
import { product } from './graph-facts.ts'
import type { RunShapes } from './run-shapes.ts'

/** float32, and the int64 of tokens */
const [float, whole] = [4, 8]

/** Bytes of the tensors that a run stores: features, every hidden state, tokens and logits; `tokens` end its decoder's sequence. */
export const storedBytes = (
  card: Pick<ModelCard, 'type' | 'encoder' | 'decoder'>,
  shapes: RunShapes,
  tokens: number,
): number => {
  const { encoder, decoder } = card
  const { features, steps, rows, scores } = shapes
  const hidden = (encoder.layers + 1) * steps * encoder.width
  const heard = float * (product(features) + hidden + rows * scores)
  const best = card.type === 'ctc' ? whole * rows : 0
  if (!decoder) return heard + best
  return heard + tokens * (whole + float * ((decoder.layers + 1) * decoder.width + scores))
}

/** Beside what the store may hold: a run that alone is more than that is refused, with what would make it smaller. */
export const estimateCache = (
  card: ModelCard,
  shapes: RunShapes,
  tokens: RunEstimate['tokens'],
  limit: number,
): CacheEstimate => {
  const likely = storedBytes(card, shapes, tokens?.likely ?? 0)
  const most = storedBytes(card, shapes, tokens?.most ?? 0)
  if (likely <= limit) return { likely, most, limit, refused: '' }
  const { id, maxSeconds } = card
  const ways = [
    ...(maxSeconds === null ? ['choose a shorter region'] : []),
    ...(storedBytes(card, shapes, shapes.tokens?.prompt ?? 0) <= limit ? ['ask for fewer tokens'] : []),
    'let the cache hold more',
  ]
  const refused = `the results of ${id} on this region take about ${bytesText(likely)} and the cache may hold ${bytesText(limit)}: ${ways.join(', or ')}`
  return { likely, most, limit, refused }
}
