import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { Settings } from '../../contract/settings.ts'
import { makeFolder } from '../store/make-folder.ts'

/**
 * `settings.json` holds the fields that somebody set and no others; fields of a later version are kept as they are. Every change
 * reads it again and replaces it whole, so two programs that change different fields at different moments lose nothing.
 */
export interface SettingsFile {
  settings: Settings
  /** a sentence where the file was no settings and the defaults hold; else empty */
  notice: string
}

type Json = Record<string, unknown>

/** Nothing that a person could have meant as settings is larger. */
const largestBytes = 64 * 1024

const pathIn = (folder: string): string => join(folder, 'settings.json')

/** Never throws: what cannot be read is named in `notice`, and what is no settings is renamed to `settings.json.damaged-<time>`. */
export const readSettings = (folder: string): SettingsFile => {
  const { settings, notice } = load(folder)
  return { settings, notice }
}

/**
 * Replaces the fields of `change` that are not undefined. Throws `cannot-write`, and `bad-input` for a value outside the schema; the
 * file is then what it was.
 */
export const changeSettings = (folder: string, change: Partial<Settings>): SettingsFile => {
  const { fields, notice } = load(folder)
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const next = { ...fields, ...given }
  const checked = Settings.safeParse(next)
  if (!checked.success)
    throw new EngineError('bad-input', `the settings are refused: ${problems(checked.error.issues)}`)
  write(folder, JSON.stringify(next, null, 2) + '\n')
  return { settings: checked.data, notice }
}

const load = (folder: string): SettingsFile & { fields: Json } => {
  const path = pathIn(folder)
  const defaults = { settings: Settings.parse({}), fields: {} }
  let damage: string
  try {
    const stat = statSync(path)
    // a pipe or a device would be read for ever
    if (!stat.isFile()) damage = 'it is no file'
    else if (stat.size > largestBytes) damage = 'it is too large'
    else {
      const fields: unknown = JSON.parse(readFileSync(path, 'utf8'))
      const checked = Settings.safeParse(fields)
      if (checked.success) return { settings: checked.data, fields: fields as Json, notice: '' }
      damage = problems(checked.error.issues)
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return { ...defaults, notice: '' }
    if (code !== undefined)
      return { ...defaults, notice: `the settings in ${path} cannot be read (${code}): the defaults hold` }
    damage = 'it is not JSON'
  }
  return {
    ...defaults,
    notice: `the settings in ${path} are damaged (${damage}): the defaults hold; ${setAside(path)}`,
  }
}

const problems = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => [...path.map(String), message.replace(/^./, (first) => first.toLowerCase())].join(': '))
    .join('; ')

const setAside = (path: string): string => {
  const aside = `${path}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`
  try {
    renameSync(path, aside)
    return `the file is kept as ${aside}`
  } catch (error) {
    return `the file cannot be moved out of the way (${(error as NodeJS.ErrnoException).code})`
  }
}

const write = (folder: string, text: string): void => {
  const path = target(pathIn(folder))
  const part = `${path}.${process.pid}.part`
  try {
    makeFolder(folder)
    writeFileSync(part, text, { mode: 0o600 })
    renameSync(part, path)
  } catch (error) {
    if (existsSync(part)) rmSync(part)
    throw new EngineError('cannot-write', `the settings cannot be written in ${folder}: ${(error as Error).message}`)
  }
}

/** Where a link that somebody keeps their settings behind leads to; it stays a link. */
const target = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
