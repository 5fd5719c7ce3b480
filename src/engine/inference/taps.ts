import { EngineError } from '../../contract/errors.ts'
import { stepCount, type Grid } from '../../contract/grid.ts'
import type { TapCard } from '../../contract/run.ts'
import { printTap, type Side, type TapName } from '../../contract/tap.ts'
import type { DType, Tensor } from '../../contract/tensor.ts'
import type { Model } from '../models/model.ts'
import type { Values } from './session.ts'

export interface StoredTap {
  tap: TapName
  tensor: Tensor<DType>
}

/** Drops the batch dimension of 1 and names the others. Throws `not-finite` where a value is NaN or infinite. */
export const withoutBatch = (tap: TapName, { shape, data }: Values, axes: string[]): Tensor => {
  if (shape[0] !== 1 || shape.length !== axes.length + 1)
    throw new EngineError('bad-model', `${tap} has the shape ${shape.join(' × ')}; expected 1 × ${axes.join(' × ')}`)
  if (!allFinite(data))
    throw new EngineError(
      'not-finite',
      `${tap} has values that are NaN or infinite; the model cannot be shown on this clip`,
    )
  return { dtype: 'float32', shape: shape.slice(1), axes, data }
}

/** A plain loop: `every` takes ten times as long over the 12 million values of one run. */
const allFinite = (data: Float32Array): boolean => {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false
  return true
}

/** encoder.hidden.<i> or decoder.hidden.<i>, for all layers. */
export const hiddenTaps = (side: Side, hidden: Values[]): StoredTap[] => {
  const axis = side === 'encoder' ? 'step' : 'token'
  return hidden.map((values, index) => {
    const tap = printTap({ kind: 'hidden', side, index })
    return { tap, tensor: withoutBatch(tap, values, [axis, 'width']) }
  })
}

/** The grid and the states must count the same steps, or every picture would lie about time. */
export const checkSteps = (taps: StoredTap[], grid: Grid): void => {
  const steps = taps[0]?.tensor.shape[0]
  if (steps !== stepCount(grid))
    throw new EngineError(
      'bad-model',
      `the encoder gave ${steps} steps where its configuration makes ${stepCount(grid)}`,
    )
}

/** Cards of what is stored, then of the attention that can be recomputed from it. `tokens` is null without a decoder. */
export const tapCards = (stored: StoredTap[], model: Model, steps: number, tokens: number | null): TapCard[] => [
  ...stored.map(({ tap, tensor: { dtype, shape, axes } }) => ({
    tap,
    dtype: dtype === 'int64' ? ('int64' as const) : ('float32' as const),
    shape,
    axes,
    stored: true,
  })),
  ...attentionCards(model, steps, tokens),
]

const attentionCards = (model: Model, steps: number, tokens: number | null): TapCard[] => {
  const card = (tap: TapName, shape: number[], axes: string[]): TapCard => ({
    tap,
    dtype: 'float32',
    shape,
    axes,
    stored: false,
  })
  const encoder = model.encoder.self.map(({ layer, heads }) =>
    card(printTap({ kind: 'attention', side: 'encoder', layer }), [heads, steps, steps], ['head', 'query', 'key']),
  )
  if (!model.decoder || tokens === null) return encoder
  const self = model.decoder.self.map(({ layer, heads }) =>
    card(printTap({ kind: 'attention', side: 'decoder', layer }), [heads, tokens, tokens], ['head', 'query', 'key']),
  )
  const cross = model.decoder.cross.map(({ layer, heads }) =>
    card(printTap({ kind: 'cross', layer }), [heads, tokens, steps], ['head', 'token', 'key']),
  )
  return [...encoder, ...self, ...cross]
}
