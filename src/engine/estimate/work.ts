import { isPatchGrid } from '../../contract/grid.ts'
import { elementBytes } from '../../formats/onnx/read-tensor.ts'
import type { Model, ModelGraph } from '../models/model.ts'
import { factors, packedShape } from '../models/operators.ts'
import { ancestors } from '../models/walk.ts'
import { constantBehind, convolutionsOf, product } from './graph-facts.ts'
import type { RunShapes } from './run-shapes.ts'

/** What a run has to compute, counted from its graphs and shapes. */
export interface Work {
  /** multiply-adds of what is computed for many rows at once: matrix products, convolutions, attention */
  products: number
  /** bytes of weights and cache that are read for every single token */
  tokenBytes: number
}

/** Of a run that ends with `tokens` in its sequence; `tokens` counts for nothing without a decoder. */
export const workOf = (model: Model, shapes: RunShapes, tokens: number): Work => {
  const { card, encoder, decoder } = model
  const { layers, width } = card.encoder
  const { steps, rows, grids } = shapes
  const attention = 2 * layers * steps * steps * width
  const products = convolutionProducts(encoder, shapes, isPatchGrid(grids.encoder)) + attention
  const projections = projectionsOf(encoder, steps, rows).products
  if (!decoder || !card.decoder) return { products: products + projections, tokenBytes: 0 }
  const stack = card.decoder
  // the last pass over all of them; its attention looks at the tokens and at the encoder's steps
  const looked = 2 * stack.layers * tokens * (tokens + steps) * stack.width
  const all = projectionsOf(decoder, tokens, tokens)
  const cache = 4 * 2 * stack.layers * steps * stack.width
  return { products: products + projections + all.products + looked, tokenBytes: all.bytes + cache }
}

const convolutionProducts = (graph: ModelGraph, { features, grids }: RunShapes, isPicture: boolean): number =>
  convolutionsOf(graph, isPicture ? features : [grids.features.count]).reduce(
    (sum, { output, products }) => sum + output * products,
    0,
  )

/** Products with constant matrices: those the stack's last tensor needs are done for each of `steps` rows, a head's for `rows`. */
const projectionsOf = (
  { graph, top }: ModelGraph,
  steps: number,
  rows: number,
): { products: number; bytes: number } => {
  const needed = ancestors(graph, top)
  let [products, bytes] = [0, 0]
  for (const node of graph.nodes) {
    const operands = factors(node)
    if (!operands) continue
    const weight = operands.map((name) => constantBehind(graph, name)).find((tensor) => tensor !== undefined)
    const dims = packedShape(node) ?? weight?.dims ?? []
    if (!weight || dims.length !== 2) continue
    products += product(dims) * (needed.has(node.outputs[0] ?? '') ? steps : rows)
    bytes += product(weight.dims) * elementBytes(weight.dataType)
  }
  return { products, bytes }
}
