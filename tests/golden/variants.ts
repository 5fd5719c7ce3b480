import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Variant } from '../../src/contract/model.ts'
import { loadTensors } from './load.ts'

/** What tools/make-variant-goldens.py wrote: every variant of three small models, and what onnxruntime in Python gives on them. */

const here = fileURLToPath(new URL('./', import.meta.url))

export const variantGoldens = loadTensors(join(here, 'variants', 'goldens.safetensors'))

/** Each model with the golden of its float32 graph. */
export const variantModels = { 'wav2vec2-bmm-14': 'wav2vec2', 'whisper-sdpa-17': 'whisper', 'ast-eager-14': 'ast' }
export type VariantModel = keyof typeof variantModels

export const madeVariants = ['fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'] as const satisfies Variant[]

/** A model folder below `parent` with the float32 graphs and those of every variant. */
export const unpackVariants = (model: VariantModel, parent: string): string => {
  const folder = join(parent, model)
  cpSync(join(here, 'models', model), folder, { recursive: true })
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  const packed = join(here, 'variants', model)
  for (const file of readdirSync(packed))
    writeFileSync(join(folder, 'onnx', basename(file, '.gz')), gunzipSync(readFileSync(join(packed, file))))
  return folder
}

/**
 * What a machine must have for its numbers of a variant to be those that were measured elsewhere. Products with signed weights saturate;
 * those of `q8` are signed in graphs without a convolution, which Whisper's decoders are.
 */
export const needsOf = (model: VariantModel, variant: string): 'exact integers'[] =>
  variant === 'int8' || (variant === 'q8' && model.startsWith('whisper')) ? ['exact integers'] : []
