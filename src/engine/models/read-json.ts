import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'

export type Json = Record<string, unknown>

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A JSON object of a model's folder, null where there is no such file. Throws `bad-model` where it is no JSON object. */
export const readJson = (folder: string, file: string): Json | null => {
  const path = join(folder, file)
  if (!existsSync(path)) return null
  const text = readFileSync(path, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new EngineError('bad-model', `${file} of ${basename(folder)} is not JSON: ${(error as Error).message}`)
  }
  if (isJson(value)) return value
  throw new EngineError('bad-model', `${file} of ${basename(folder)} is not a JSON object`)
}
