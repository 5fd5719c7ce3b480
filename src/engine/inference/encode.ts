import type { Tensor } from '../../contract/tensor.ts'
import { familyById } from '../models/families/families.ts'
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

/** Runs the encoder once over the front end's features. */
export const encode = async (warm: WarmModel, features: Tensor, signal: AbortSignal): Promise<Encoded> => {
  const { encoder } = warm.model
  const session = await warm.session('encoder', encoder, signal)
  signal.throwIfAborted()
  const hasHead = session.outputs.some((output) => output.name === 'logits')
  const names = [...new Set([...encoder.hidden, encoder.top, ...(hasHead ? ['logits'] : [])])]
  const input = { ...features, shape: [1, ...features.shape] }
  const results = await session.run({ [familyById[warm.model.card.family].input]: input }, names)
  return {
    hidden: encoder.hidden.map((name) => results[name] as Values),
    top: results[encoder.top] as Values,
    logits: results['logits'] ?? null,
  }
}
