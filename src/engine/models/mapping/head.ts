import type { OnnxGraph, OnnxValue } from '../../../formats/onnx/graph.ts'
import type { Json } from '../read-json.ts'

/**
 * What stands on the encoder, as a config says it: logits [batch, step, character] with a vocab.json beside them are a CTC head's,
 * [batch, label] a classifier's; else there is none.
 */
export const readHead = (graph: OnnxGraph, states: readonly string[], vocabulary: Json | null): Json => {
  const logits = logitsOf(graph, states)
  const size = logits?.shape.at(-1)
  if (logits?.shape.length === 2) {
    const labels = typeof size === 'number' ? { num_labels: size } : {}
    return { architectures: ['ForSequenceClassification'], logits: logits.name, ...labels }
  }
  if (logits?.shape.length !== 3 || !vocabulary) return { architectures: ['Model'], logits: null }
  const characters = typeof size === 'number' ? size : Object.keys(vocabulary).length
  return { architectures: ['ForCTC'], logits: logits.name, vocab_size: characters }
}

/** The output that is called so, or the only one, where that is no hidden state. */
const logitsOf = ({ outputs }: OnnxGraph, states: readonly string[]): OnnxValue | undefined => {
  const named = outputs.find(({ name }) => name === 'logits')
  const [only] = outputs.length === 1 ? outputs.filter(({ name }) => !states.includes(name)) : []
  return named ?? only
}
