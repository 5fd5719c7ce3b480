import { EngineError } from '../../contract/errors.ts'
import { parseBytes } from './parse-bytes.ts'
import type { Overrides } from './live-settings.ts'

/** What OTOSCOPE_THREADS, OTOSCOPE_CACHE and OTOSCOPE_MEMORY_LIMIT overrule. Throws `bad-input` for words that mean nothing. */
export const environmentOverrides = (env: NodeJS.ProcessEnv = process.env): Overrides => {
  const { OTOSCOPE_THREADS: threads, OTOSCOPE_CACHE: cacheFolder, OTOSCOPE_MEMORY_LIMIT: memoryLimit } = env
  return {
    ...(threads ? { threads: wholeNumber('OTOSCOPE_THREADS', threads) } : {}),
    ...(cacheFolder ? { cacheFolder } : {}),
    ...(memoryLimit ? { memoryLimit: bytes('OTOSCOPE_MEMORY_LIMIT', memoryLimit) } : {}),
  }
}

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1)
    throw new EngineError('bad-input', `${name} is ${text}: a whole number is wanted`)
  return value
}

const bytes = (name: string, text: string): number => {
  const value = parseBytes(text)
  if (value === null) throw new EngineError('bad-input', `${name} is ${text}: a size such as 2GB is wanted`)
  return value
}
