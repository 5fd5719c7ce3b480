import { EngineError } from '../../../contract/errors.ts'
import type { OnnxNode } from '../../../formats/onnx/graph.ts'
import { hiddenStates } from '../hidden-states.ts'
import { factors, packedShape } from '../operators.ts'
import type { Json } from '../read-json.ts'
import { findSites, type Reading } from '../sites.ts'
import { original } from '../walk.ts'

export interface FoundStack {
  /** as a config says it */
  keys: Json
  hidden: string[]
  top: string
}

const headKeys = ['num_attention_heads', 'encoder_attention_heads', 'n_head', 'num_heads']

/** Layers, heads and width of an encoder, from its attention. Throws `bad-model`, which asks for the heads where nothing says them. */
export const readStack = (from: Reading, config: Json, given: number | undefined): FoundStack => {
  const sites = findSites(from)
  if (sites.length === 0)
    throw new EngineError('bad-model', 'the graph shows no attention; it may be fused, or the model is no transformer')
  if (sites.some(({ kind }) => kind === 'cross'))
    throw new EngineError('bad-model', 'the graph attends to a second sequence: only encoders can be mapped')
  const { hidden, top } = hiddenStates(from, sites, 'before-norm')
  const said = headKeys.map((key) => config[key]).find((value) => typeof value === 'number')
  const heads = given ?? sites.find((site) => site.heads > 0)?.heads ?? said
  if (heads === undefined)
    throw new EngineError('bad-model', 'the graph works its heads out as it runs: say how many with --heads')
  return {
    hidden,
    top,
    keys: {
      num_hidden_layers: sites.length,
      num_attention_heads: heads,
      hidden_size: widthOf(from, hidden[0] ?? ''),
      do_stable_layer_norm: isSum(from, hidden[1] ?? '', sites.length),
    },
  }
}

/** Whether what passes from layer to layer is a plain sum: then norms come first in a layer, and one follows the last. */
const isSum = ({ graph, constant }: Reading, state: string, layers: number): boolean => {
  const node = graph.producers.get(original(graph, state))
  return layers > 1 && node?.opType === 'Add' && !node.inputs.some((name) => constant.has(name))
}

/** Rows of the first weights that a state is multiplied with. */
const widthOf = ({ graph, constant }: Reading, state: string): number => {
  const waiting = [state]
  for (const name of waiting)
    for (const node of graph.consumers.get(name) ?? []) {
      const product = factors(node)
      const rows = product?.[0] === name ? rowsOf(node, dimsOf(product[1])) : undefined
      if (rows !== undefined) return rows
      if (node.opType !== 'Shape') waiting.push(...node.outputs.filter((output) => !waiting.includes(output)))
    }
  throw new EngineError('bad-model', 'the graph multiplies its hidden states with no weights that show')

  function dimsOf(weights: string): number[] | undefined {
    if (!constant.has(weights)) return undefined
    const name = original(graph, weights)
    const maker = graph.producers.get(name)
    if (maker?.opType === 'Transpose') return dimsOf(maker.inputs[0] ?? '')?.toReversed()
    return graph.initializers.get(name)?.dims
  }
}

const rowsOf = (node: OnnxNode, dims: number[] | undefined): number | undefined => {
  const packed = packedShape(node)?.[0]
  if (packed !== undefined || dims?.length !== 2) return packed
  return node.attributes.get('transB') === 1 ? dims[1] : dims[0]
}
