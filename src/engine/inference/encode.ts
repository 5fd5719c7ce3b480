import type { Grids } from '../../contract/grid.ts'
import type { Tensor } from '../../contract/tensor.ts'
import { encoderFeeds } from './encoder-feeds.ts'
import type { Values } from './session.ts'
import type { WarmModel } from './warm.ts'

/** What one pass of the encoder gave, batch dimension of 1 first everywhere. */
export interface Encoded {
  /** [1, step, width] each, layers + 1 of them */
  hidden: Values[]
  /** the stack's result after its last norm: what a decoder reads */
  top: Values
  /** [1, step, vocabulary] or [1, label]; null without a head on this graph */
  logits: Values | null
}

/** What the front end made of a clip, and where its rows and the encoder's steps lie. */
export interface Heard {
  features: Tensor
  grids: Grids
}

/** Runs the encoder once over the front end's features. */
export const encode = async (warm: WarmModel, { features, grids }: Heard, signal: AbortSignal): Promise<Encoded> => {
  const { encoder, logits } = warm.model
  const session = await warm.session('encoder', encoder, signal)
  signal.throwIfAborted()
  const names = [...new Set([...encoder.hidden, encoder.top, ...(logits === null ? [] : [logits])])]
  const results = await session.run(encoderFeeds(warm.model, features, grids.features), names)
  return {
    hidden: encoder.hidden.map((name) => results[name] as Values),
    top: results[encoder.top] as Values,
    logits: logits === null ? null : (results[logits] ?? null),
  }
}
