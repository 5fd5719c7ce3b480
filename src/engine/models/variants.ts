import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { familyById } from './families/families.ts'
import { variants, type FamilyId, type ModelCard, type Variant } from '../../contract/model.ts'

/** Which weights of a model: how a reference names them, and which graph files they are. */

const suffixes: Record<Variant, string> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
}

const isVariant = (word: string): word is Variant => (variants as readonly string[]).includes(word)

/** `id:q8` or `folder:fp16`; without a known word after the last colon the whole reference is the name. `C:q8` is a place on a drive. */
export const splitVariant = (reference: string): { name: string; variant?: Variant } => {
  const at = reference.lastIndexOf(':')
  const word = reference.slice(at + 1)
  return at > 1 && isVariant(word) ? { name: reference.slice(0, at), variant: word } : { name: reference }
}

/** Paths of one variant's graph files; a merged decoder is both of a decoder's. */
export interface GraphFiles {
  encoder: string
  decoder?: string
  decoderWithPast?: string
}

/** Each of them once. */
export const filesOf = (files: GraphFiles): string[] => [...new Set<string>(Object.values(files))]

/** `model_quantized.onnx` … */
export const graphName = (stem: string, variant: Variant): string => `${stem}${suffixes[variant]}.onnx`

/** Whether a family's text is written by a decoder, which has graphs of its own. */
export const decodes = (family: FamilyId): boolean => familyById[family].decoder !== undefined

/** In onnx/ or at the top of the folder; undefined where it is in neither. */
const find = (folder: string, name: string): string | undefined => {
  const places = [join(folder, 'onnx', name), join(folder, name)]
  const path = places.find((place) => existsSync(place) && statSync(place).isFile())
  return path === undefined ? undefined : resolve(path)
}

/** The graph files of a variant; undefined where one that the family needs is missing. */
export const graphFiles = (folder: string, family: FamilyId, variant: Variant): GraphFiles | undefined =>
  chooseGraphs(family, (stem) => find(folder, graphName(stem, variant)))

/** The same, wherever the files are: `at` says where the one of a stem such as `encoder_model` is. */
export const chooseGraphs = (family: FamilyId, at: (stem: string) => string | undefined): GraphFiles | undefined => {
  const encoder = decodes(family) ? at('encoder_model') : (at('model') ?? at('encoder_model'))
  if (encoder === undefined || !decodes(family)) return encoder === undefined ? undefined : { encoder }
  const merged = at('decoder_model_merged')
  const decoder = at('decoder_model') ?? merged
  const decoderWithPast = at('decoder_with_past_model') ?? merged
  return decoder === undefined ? undefined : { encoder, decoder, ...(decoderWithPast && { decoderWithPast }) }
}

/** Name of the first graph file that a variant lacks. */
export const missingGraph = (folder: string, family: FamilyId, variant: Variant): string => {
  if (!decodes(family)) return graphName('model', variant)
  const encoder = graphName('encoder_model', variant)
  return find(folder, encoder) === undefined ? encoder : graphName('decoder_model', variant)
}

/** Those the folder holds in full, best first. */
export const variantsIn = (folder: string, family: FamilyId): Variant[] =>
  variants.filter((variant) => graphFiles(folder, family, variant) !== undefined)

/** What failed with the graphs of one variant may work with another's: the same error, naming the variant and those that are there. */
export const namingVariant = (
  error: unknown,
  { variant, variants }: Pick<ModelCard, 'variant' | 'variants'>,
): unknown => {
  const isModels = error instanceof EngineError && ['bad-model', 'not-finite'].includes(error.code)
  if (!isModels || variant === 'fp32') return error
  const others = variants.filter((other) => other !== variant)
  const advice =
    others.length === 0
      ? 'no other is here: get or export the float32 graphs'
      : `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} here too: add :${others[0]} to the model's name`
  return new EngineError(error.code, `${error.message} (this is its ${variant} variant; ${advice})`, error.detail)
}
