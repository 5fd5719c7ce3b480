import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, stepCount, type Grids } from '../../contract/grid.ts'
import type { RunOptions, RunResult } from '../../contract/run.ts'
import type { Tensor } from '../../contract/tensor.ts'
import { bestIds, collapse, openCtcVocabulary, transcript } from '../analysis/ctc.ts'
import { labelScores } from '../analysis/labels.ts'
import type { Model } from '../models/model.ts'
import type { Encoded } from './encode.ts'
import { hiddenTaps, withoutBatch, type StoredTap } from './taps.ts'
import type { WarmModel } from './warm.ts'
import { decodeText, type Progress } from './decode-text.ts'

/** What a model's head gave: the tensors to store beside the encoder's, and the result. */
export interface Head {
  taps: StoredTap[]
  /** length of the decoder's sequence; null without a decoder */
  tokens: number | null
  result: RunResult
  warnings: string[]
}

const nothing: RunResult = { text: null, tokens: null, language: null, characters: null, labels: null }

/** What stands on the encoder: a decoder, a CTC head, a classifier, or nothing. */
export const readHead = async (
  warm: WarmModel,
  options: RunOptions,
  encoded: Encoded,
  grids: Grids,
  progress: Progress,
): Promise<Head> => {
  const { model } = warm
  switch (model.card.type) {
    case 'encoder-decoder':
      return decoderHead(warm, options, encoded, progress)
    case 'ctc':
      return ctcHead(model, encoded, grids)
    case 'classifier': {
      const logits = withoutBatch('logits', logitsOf(encoded, model), ['label'])
      const result = { ...nothing, labels: labelScores(logits.data, model.config) }
      return { taps: [{ tap: 'logits', tensor: logits }], tokens: null, result, warnings: [] }
    }
    case 'encoder':
      return { taps: [], tokens: null, result: nothing, warnings: [] }
  }
}

const logitsOf = (encoded: Encoded, model: Model): NonNullable<Encoded['logits']> => {
  if (!encoded.logits) throw new EngineError('bad-model', `${model.card.id} has no output named logits`)
  return encoded.logits
}

const decoderHead = async (
  warm: WarmModel,
  options: RunOptions,
  encoded: Encoded,
  progress: Progress,
): Promise<Head> => {
  const { ids, hidden, logits, result, warnings } = await decodeText(warm, encoded.top, options, progress)
  const tokens: Tensor<'int64'> = {
    dtype: 'int64',
    shape: [ids.length],
    axes: ['token'],
    data: BigInt64Array.from(ids, BigInt),
  }
  const taps = [
    ...hiddenTaps('decoder', hidden),
    { tap: 'tokens', tensor: tokens },
    { tap: 'logits', tensor: withoutBatch('logits', logits, ['token', 'vocabulary']) },
  ]
  return { taps, tokens: ids.length, result: { ...nothing, ...result }, warnings }
}

const ctcHead = (model: Model, encoded: Encoded, { encoder, output }: Grids): Head => {
  const grid = output ?? encoder
  const logits = withoutBatch('logits', logitsOf(encoded, model), ['step', 'vocabulary'])
  const [steps = 0, size = 1] = logits.shape
  if (steps !== stepCount(grid))
    throw new EngineError('bad-model', `the head gave ${steps} rows where its configuration makes ${stepCount(grid)}`)
  const ids = bestIds(logits.data, size)
  const taps = [
    { tap: 'tokens', tensor: { dtype: 'int64' as const, shape: [steps], axes: ['step'], data: ids } },
    { tap: 'logits', tensor: logits },
  ]
  const vocabulary = openCtcVocabulary(model.folder, model.config)
  if (!vocabulary || isPatchGrid(grid)) {
    const warnings = ['the model has no usable vocab.json: its characters cannot be shown']
    return { taps, tokens: null, result: nothing, warnings }
  }
  const characters = collapse(ids, logits.data, grid, vocabulary)
  return { taps, tokens: null, result: { ...nothing, characters, text: transcript(characters) }, warnings: [] }
}
