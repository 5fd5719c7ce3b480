import { stepCount, timeOf } from '../../contract/grid.ts'
import type { Inspection, SiteCard, TensorCard } from '../../contract/model.ts'
import { printTap } from '../../contract/tap.ts'
import type { OnnxValue } from '../../formats/onnx/graph.ts'
import { feeds } from '../../formats/onnx/read-graph.ts'
import { dataTypeName } from '../../formats/onnx/read-tensor.ts'
import { configCount } from './families/config-number.ts'
import type { Family } from './families/family.ts'
import type { Model, ModelGraph } from './model.ts'
import { countParameters } from './parameters.ts'

const tensorCard = ({ name, dataType, shape }: OnnxValue): TensorCard => ({
  name,
  dtype: dataTypeName(dataType),
  shape: shape.map((size) => (size === '' ? '?' : size)),
})

const siteCards = ({ encoder, decoder }: Pick<Model, 'encoder' | 'decoder'>): SiteCard[] => [
  ...encoder.self.map(({ layer, heads }): SiteCard => {
    return { tap: printTap({ kind: 'attention', side: 'encoder', layer }), kind: 'encoder-self', layer, heads }
  }),
  ...(decoder?.self ?? []).map(({ layer, heads }): SiteCard => {
    return { tap: printTap({ kind: 'attention', side: 'decoder', layer }), kind: 'decoder-self', layer, heads }
  }),
  ...(decoder?.cross ?? []).map(({ layer, heads }): SiteCard => {
    return { tap: printTap({ kind: 'cross', layer }), kind: 'cross', layer, heads }
  }),
]

const isGraph = (graph: ModelGraph | undefined): graph is ModelGraph => graph !== undefined

/** The architecture table; `openModel` has it ready as `model.inspection`. Callers that know another id put it in. */
export const inspectModel = (model: Omit<Model, 'inspection'>, family: Family): Inspection => {
  const { id, type, untrained, encoder, decoder, maxSeconds } = model.card
  const hasWords = type === 'ctc' || type === 'encoder-decoder'
  // any length will do: the step is the same, and a padded sequence always has its full count
  const grid = family.grids(16000, 0, model.preprocessor, model.config).encoder
  const graphs = [model.encoder, model.decoder].filter(isGraph)
  return {
    id,
    family: family.id,
    type,
    untrained,
    parameters: countParameters(model),
    encoder,
    ...(decoder && { decoder }),
    vocabulary: hasWords ? configCount(model.config, 'vocab_size', 0) : null,
    positions: maxSeconds === null ? null : stepCount(grid),
    inputs: graphs.flatMap(({ graph }) => feeds(graph).map(tensorCard)),
    outputs: graphs.flatMap(({ graph }) => graph.outputs.map(tensorCard)),
    stepMs: Number((timeOf(grid).step * 1000).toFixed(6)),
    sites: siteCards(model),
  }
}
