import { existsSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { ModelCard, Variant } from '../../contract/model.ts'
import { feeds } from '../../formats/onnx/read-graph.ts'
import { inputOf, maskInput, type Family } from './families/family.ts'
import { findGraphs, readCard, readConfigs } from './folder.ts'
import { inspectModel } from './inspect.ts'
import type { Model, ModelGraph } from './model.ts'
import { readingFiles } from './reading-files.ts'
import { openGraph } from './open-graph.ts'
import { filesOf, namingVariant, variantsIn, type GraphFiles } from './variants.ts'

type Config = Record<string, unknown>

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
const checkInput = (family: Family, config: Config, { path, graph }: ModelGraph): void => {
  const wanted = inputOf(family, config)
  const inputs = feeds(graph).map((input) => input.name)
  const others = inputs.filter((name) => name !== wanted && name !== maskInput)
  if (inputs.includes(wanted) && others.length === 0) return
  throw new EngineError(
    'bad-model',
    `${basename(path)} takes ${inputs.join(', ') || 'no input'}; a ${family.id} model takes ${wanted}, and ${maskInput} at most`,
  )
}

/** Exporters call them so; a mapped model says what they are called. */
const logitsOf = ({ graph }: ModelGraph, config: Config): string | null => {
  const name = config['logits'] ?? 'logits'
  return graph.outputs.find((output) => output.name === name)?.name ?? null
}

const openGraphs = (family: Family, card: ModelCard, config: Config, files: GraphFiles) => {
  try {
    return graphsOf(family, card, config, files)
  } catch (error) {
    throw namingVariant(error, card)
  }
}

const graphsOf = (family: Family, card: ModelCard, config: Config, files: GraphFiles) => {
  const last = family.lastHidden(config)
  const encoder = openGraph(files.encoder, card.encoder, last, 'encoder', family.adapterSites?.(config))
  checkInput(family, config, encoder)
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
  const logits = logitsOf(graphs.encoder, config)
  const headless = (promised.type === 'ctc' || promised.type === 'classifier') && logits === null
  const card: ModelCard = headless ? { ...promised, type: 'encoder' } : promised
  const parts = { card, folder: path, config, preprocessor, generation, logits, ...graphs }
  const model: Model = { ...parts, inspection: inspectModel(parts, family) }
  opened.set(files.encoder, { stamp, model })
  return model
}
