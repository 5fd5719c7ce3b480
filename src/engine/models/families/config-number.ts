import { EngineError } from '../../../contract/errors.ts'

/** A number of a config file, or `fallback` where the file leaves it out. Throws `bad-model` where it is something else. */
export const configNumber = (config: Record<string, unknown>, key: string, fallback: number): number => {
  const value = config[key] ?? fallback
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new EngineError(
    'bad-model',
    `the model's config has ${key}: ${JSON.stringify(value)}, which should be a number`,
  )
}

/** A positive whole number of a config file, likewise. */
export const configCount = (config: Record<string, unknown>, key: string, fallback: number): number => {
  const value = configNumber(config, key, fallback)
  if (Number.isInteger(value) && value > 0) return value
  throw new EngineError('bad-model', `the model's config has ${key}: ${value}, which should be a positive whole number`)
}

/** The samples per second the model hears. */
export const modelRate = (preprocessor: Record<string, unknown>): number =>
  configCount(preprocessor, 'sampling_rate', 16000)
