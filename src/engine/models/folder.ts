import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { FamilyId, ModelCard, ModelType, Stack, Variant } from '../../contract/model.ts'
import { readAlignment } from './alignment.ts'
import { configCount, modelRate } from './families/config-number.ts'
import { familyOf, knownTypes } from './families/families.ts'
import type { Family, StackKeys } from './families/family.ts'
import { mappedConfigs, readNote } from './note.ts'
import { isJson, readJson, type Json } from './read-json.ts'
import { folderName } from './folder-name.ts'
import { readingFiles } from './reading-files.ts'
import { filesOf, graphFiles, missingGraph, variantsIn, type GraphFiles } from './variants.ts'

/** What the config files of a model folder say, and over them what a person mapped. */
export interface Configs {
  family: Family
  config: Json
  preprocessor: Json
  generation: Json | null
  /** otoscope.json */
  notes: Json
}

/** Newer exports nest the feature extractor in processor_config.json. */
export const readPreprocessor = (folder: string): Json | null => {
  const own = readJson(folder, 'preprocessor_config.json')
  const nested = own ?? readJson(folder, 'processor_config.json')?.['feature_extractor']
  return isJson(nested) ? nested : null
}

/** What a person does about a model of no known family. */
export const mappingAdvice = (path: string): string =>
  `if it hears sound, say how it is prepared: otoscope models import ${path} --input waveform (or log-mel, or filter-bank)`

/** Throws `not-found` (no such folder) or `bad-model` with a sentence. */
export const readConfigs = (folder: string): Configs => {
  const name = basename(resolve(folder))
  if (!existsSync(folder)) throw new EngineError('not-found', `there is no model folder ${folder}`)
  if (!statSync(folder).isDirectory())
    throw new EngineError('bad-model', `${folder} is a file; a model is a folder with config.json and onnx/*.onnx`)
  const notes = readNote(folder)
  const mapped = mappedConfigs(notes)
  const own = readJson(folder, 'config.json')
  if (!own && !mapped)
    throw new EngineError(
      'bad-model',
      `${name} has no config.json; a model is a folder as the hub lays it out; ${mappingAdvice(folder)}`,
    )
  const config: Json = { ...own, ...mapped?.config }
  const type = config['model_type']
  const family = typeof type === 'string' ? familyOf(type) : undefined
  if (!family) {
    const said = type === undefined ? 'says no model_type' : `is of the unknown model type ${JSON.stringify(type)}`
    throw new EngineError('bad-model', `${name} ${said}; known are ${knownTypes}; ${mappingAdvice(folder)}`)
  }
  const preprocessor = readPreprocessor(folder)
  if (!preprocessor && !mapped)
    throw new EngineError(
      'bad-model',
      `${name} has no preprocessor_config.json, which says how sound is prepared for the model`,
    )
  return {
    family,
    config,
    preprocessor: { ...preprocessor, ...mapped?.preprocessor },
    generation: readJson(folder, 'generation_config.json'),
    notes,
  }
}

const onnxNames = (folder: string): string[] =>
  [join(folder, 'onnx'), folder]
    .filter((place) => existsSync(place) && statSync(place).isDirectory())
    .flatMap((place) => readdirSync(place))
    .filter((name) => name.endsWith('.onnx'))

const missing = (folder: string, family: FamilyId, variant: Variant): EngineError => {
  const name = basename(resolve(folder))
  const others = variantsIn(folder, family)
  const wanted = missingGraph(folder, family, variant)
  if (others.length > 0)
    return new EngineError(
      'bad-model',
      `${name} has no ${wanted}, which its ${variant} variant needs; it has ${others.join(', ')}`,
    )
  const there = onnxNames(folder)
  const found = there.length === 0 ? 'no .onnx file at all' : there.join(', ')
  return new EngineError('bad-model', `${name} has no ${wanted}, in onnx/ or at its top; there is ${found}`)
}

/**
 * The graph files of a variant, or of the best that is there in full. Throws `bad-model` where a graph the family needs is
 * missing, saying what is there instead.
 */
export const findGraphs = (folder: string, family: FamilyId, variant?: Variant): GraphFiles => {
  const wanted = variant ?? variantsIn(folder, family)[0] ?? 'fp32'
  const files = graphFiles(folder, family, wanted)
  if (!files) throw missing(folder, family, wanted)
  return files
}

const count = (config: Json, key: string): number => {
  if (config[key] === undefined) throw new EngineError('bad-model', `config.json does not say ${key}`)
  return configCount(config, key, 0)
}

const usualKeys: StackKeys = { layers: 'num_hidden_layers', heads: 'num_attention_heads', width: 'hidden_size' }

const stack = (config: Json, keys: StackKeys): Stack => ({
  layers: count(config, keys.layers),
  heads: count(config, keys.heads),
  width: count(config, keys.width),
})

const stacks = ({ encoderKeys, decoder }: Family, config: Json): Pick<ModelCard, 'encoder' | 'decoder'> => ({
  encoder: stack(config, encoderKeys ?? usualKeys),
  ...(decoder && { decoder: stack(config, decoder.keys) }),
})

const modelType = ({ id: family, decoder }: Family, config: Json): ModelType => {
  if (decoder) return 'encoder-decoder'
  const architectures = String(config['architectures'])
  if (family === 'ast') return architectures.includes('ASTModel') ? 'encoder' : 'classifier'
  if (architectures.includes('ForSequenceClassification')) return 'classifier'
  return architectures.includes('ForCTC') ? 'ctc' : 'encoder'
}

const languages = (generation: Json | null): string[] =>
  Object.keys((generation?.['lang_to_id'] as Json | undefined) ?? {})
    .map((token) => token.replace(/^<\|(.*)\|>$/, '$1'))
    .sort()

const textOf = (notes: Json, key: string): string | null => {
  const text = notes[key]
  return typeof text === 'string' && text !== '' ? text : null
}

/** What otoscope.json says, and what a person said of the input. */
const noteOf = ({ mappedTo }: Family, preprocessor: Json, notes: Json): string | null => {
  const said = [textOf(notes, 'note'), mappedTo && `its input was mapped by hand to ${mappedTo(preprocessor)}`]
  return said.filter((part) => part).join('; ') || null
}

/** Size of a graph with the external data that exporters put beside it. */
const graphBytes = (path: string): number =>
  [path, `${path}_data`, `${path}.data`]
    .filter((file) => existsSync(file))
    .reduce((bytes, file) => bytes + statSync(realpathSync(file)).size, 0)

/**
 * The folder's line in the model list, from config files alone: of one variant, or of the best that is there in full. `id` is the
 * folder's name and `origin` 'folder'; the registry overrides both. Throws `not-found` (no such folder) or `bad-model` with a sentence.
 */
export const readCard = (folder: string, variant?: Variant): ModelCard =>
  readingFiles(folder, () => cardIn(folder, variant))

const cardIn = (folder: string, wanted: Variant | undefined): ModelCard => {
  const { family, config, preprocessor, generation, notes } = readConfigs(folder)
  const files = findGraphs(folder, family.id, wanted)
  const variants = variantsIn(folder, family.id)
  const both = stacks(family, config)
  return {
    id: folderName(folder),
    family: family.id,
    type: modelType(family, config),
    untrained: notes['untrained'] === true,
    origin: 'folder',
    bytes: filesOf(files).reduce((bytes, path) => bytes + graphBytes(path), 0),
    variant: wanted ?? variants[0] ?? 'fp32',
    variants,
    hub: null,
    licence: textOf(notes, 'licence'),
    note: noteOf(family, preprocessor, notes),
    ...both,
    ...(both.decoder && {
      languages: languages(generation),
      alignment: readAlignment(generation, notes, both.decoder),
    }),
    maxSeconds: family.maxSeconds(preprocessor),
    minSeconds: family.minSamples(config) / modelRate(preprocessor),
  }
}

/** A model's card for another of its variants, called `id:q8`; that of its own is the card itself. Throws `bad-model` where it is not there. */
export const inVariant = (card: ModelCard, folder: string, variant: Variant | undefined): ModelCard =>
  variant === undefined || variant === card.variant
    ? card
    : { ...card, id: `${card.id}:${variant}`, variant, bytes: readCard(folder, variant).bytes }
