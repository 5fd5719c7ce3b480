import { dirname } from 'node:path'
import { EngineError } from '../../contract/errors.ts'

/** A failure of the file system as `no-space` or `cannot-write`; anything else as it is. */
export const fileError = (error: unknown, path: string, name: string): unknown => {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException
  if (error instanceof EngineError || syscall === undefined) return error
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new EngineError(
      'no-space',
      `the disk of ${dirname(path)} is full; make room and try again: what has come of ${name} is kept`,
    )
  return new EngineError(
    'cannot-write',
    `${name} cannot be written to ${dirname(path)}: ${reasons[code] ?? message}; choose another folder`,
  )
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOENT: 'its folder cannot be made',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'a folder is in the way',
}
