import { existsSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { ModelCard, Variant } from '../../contract/model.ts'
import { feeds } from '../../formats/onnx/read-graph.ts'
import { maskInput, type Family } from './families/family.ts'
import { findGraphs, readCard, readConfigs } from './folder.ts'
import { inspectModel } from './inspect.ts'
import type { Model, ModelGraph } from './model.ts'
import { readingFiles } from './reading-files.ts'
import { openGraph } from './open-graph.ts'
import { filesOf, namingVariant, variantsIn, type GraphFiles } from './variants.ts'

const configFiles = [
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'generation_config.json',
  'otoscope.json',
]

/** Changes when one of the files a model is read from does. */
const stampOf = (folder: string, files: GraphFiles): string =>
  [...configFiles.map((file) => join(folder, file)), ...filesOf(files)]
    .filter((path) => existsSync(path))
    .map((path) => [path, statSync(path).mtimeMs, statSync(path).size].join(':'))
    .join('\n')

/** Some exports take a mask beside the sound, which says what of it is padding. */
const checkInput = (family: Family, { path, graph }: ModelGraph): void => {
  const inputs = feeds(graph).map((input) => input.name)
  const others = inputs.filter((name) => name !== family.input && name !== maskInput)
  if (inputs.includes(family.input) && others.length === 0) return
  throw new EngineError(
    'bad-model',
    `${basename(path)} takes ${inputs.join(', ') || 'no input'}; a ${family.id} model takes ${family.input}, and ${maskInput} at most`,
  )
}

const hasLogits = ({ graph }: ModelGraph): boolean => graph.outputs.some((output) => output.name === 'logits')

const openGraphs = (family: Family, card: ModelCard, config: Record<string, unknown>, files: GraphFiles) => {
  try {
    return graphsOf(family, card, config, files)
  } catch (error) {
    throw namingVariant(error, card)
  }
}

const graphsOf = (family: Family, card: ModelCard, config: Record<string, unknown>, files: GraphFiles) => {
  const last = family.lastHidden(config)
  const encoder = openGraph(files.encoder, card.encoder, last, 'encoder')
  checkInput(family, encoder)
  const decoder = (path: string | undefined, cached: boolean) =>
    path && card.decoder && openGraph(path, card.decoder, last, cached ? 'cached-decoder' : 'decoder')
  const plain = decoder(files.decoder, false)
  const withPast = decoder(files.decoderWithPast, true)
  return { encoder, ...(plain && { decoder: plain }), ...(withPast && { decoderWithPast: withPast }) }
}

const opened = new Map<string, { stamp: string; model: Model }>()

/**
 * Reads configs and the structure of every graph of a variant, or of the best that is there (not the weights); remembered until one of the files changes. `card.type` and
 * `inspection.type` are what the graph can do: 'encoder' where config.json promises a head the graph lacks.
 * Throws `not-found` or `bad-model` with a sentence.
 */
export const openModel = (folder: string, variant?: Variant): Model =>
  readingFiles(folder, () => modelIn(folder, variant))

const modelIn = (folder: string, variant: Variant | undefined): Model => {
  const { family, config, preprocessor, generation } = readConfigs(folder)
  const files = findGraphs(folder, family.id, variant)
  const path = resolve(folder)
  const stamp = [...variantsIn(folder, family.id), stampOf(path, files)].join('\n')
  const known = opened.get(files.encoder)
  if (known?.stamp === stamp) return known.model
  const promised = readCard(folder, variant)
  const graphs = openGraphs(family, promised, config, files)
  const headless = (promised.type === 'ctc' || promised.type === 'classifier') && !hasLogits(graphs.encoder)
  const card: ModelCard = headless ? { ...promised, type: 'encoder' } : promised
  const parts = { card, folder: path, config, preprocessor, generation, ...graphs }
  const model: Model = { ...parts, inspection: inspectModel(parts, family) }
  opened.set(files.encoder, { stamp, model })
  return model
}
