import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tensor } from '../../src/contract/tensor.ts'
import { familyById } from '../../src/engine/models/families/families.ts'
import { inputOf } from '../../src/engine/models/families/family.ts'
import { modelRate } from '../../src/engine/models/families/config-number.ts'
import type { Model } from '../../src/engine/models/model.ts'
import { openModel } from '../../src/engine/models/open.ts'
import { resource } from '../../src/engine/paths.ts'

/** The folder of model folders named on the command line, else the models that are shipped. */
const modelsFolder = process.argv[2] ?? resource('models')

/** Every model folder, by family. */
export const models = (): Model[] =>
  readdirSync(modelsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => openModel(join(modelsFolder, entry.name)))

/** Noise that is the same each time, −1 … 1: a linear congruential generator (Numerical Recipes). */
export const noise = (count: number): Float32Array => {
  let state = 1
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** What the encoder takes for `seconds` of noise, with its batch dimension. */
export const encoderFeed = (model: Model, seconds: number): Record<string, Tensor> => {
  const family = familyById[model.card.family]
  const features = family.features(noise(seconds * modelRate(model.preprocessor)), model.preprocessor)
  return { [inputOf(family, model.config)]: { ...features, shape: [1, ...features.shape] } }
}

/** Runs `work` with a folder that is removed afterwards. */
export const inFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
