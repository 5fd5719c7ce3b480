import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { EngineError } from '../../contract/errors.ts'
import { shownName } from './shown-name.ts'

/** What can be said about a path without opening it: a pipe must never be opened, it may block for ever. */

const kindOf = (stats: Stats): string => {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

const reasons: Record<string, (name: string) => EngineError> = {
  ENOENT: (name) => new EngineError('not-found', `there is no file ${name}; check its path`),
  ENOTDIR: (name) => new EngineError('not-found', `there is no file ${name}; part of its path is a file, not a folder`),
  ENAMETOOLONG: () => new EngineError('not-found', 'there is no such file; its path is too long for this system'),
  ELOOP: (name) => new EngineError('not-found', `${name} is a link that leads back to itself`),
  EACCES: (name) => new EngineError('bad-recording', `${name} may not be read; change its permissions`),
  EPERM: (name) => new EngineError('bad-recording', `${name} may not be read; change its permissions`),
}

const explain = (error: unknown, name: string): Error => {
  const { code, message } = error as NodeJS.ErrnoException
  return reasons[code ?? '']?.(name) ?? new EngineError('bad-recording', `${name} cannot be read: ${message}`)
}

/** Throws EngineError unless `path` is a regular file with something in it that may be read; sentences call it `name`. */
export const checkFile = async (path: string, name: string = shownName(path)): Promise<Stats> => {
  if (path.includes('\0')) throw new EngineError('not-found', 'there is no such file; its path holds a zero character')
  const stats = await stat(path).catch((error: unknown) => {
    throw explain(error, name)
  })
  if (!stats.isFile())
    throw new EngineError('bad-recording', `${name} is ${kindOf(stats)}, not a file; open a recording`)
  if (stats.size === 0) throw new EngineError('bad-recording', `${name} is empty (0 bytes)`)
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw explain(error, name)
  })
  return stats
}
