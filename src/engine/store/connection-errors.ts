import { EngineError } from '../../contract/errors.ts'

/** What SQLite's error codes mean for a store that anybody may delete. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The file is no database, or damaged beyond single rows. */
export const isCorrupt = (error: unknown): boolean => /^SQLITE_(NOTADB|CORRUPT)/.test(codeOf(error))

/** Another process holds a lock for longer than the busy timeout. */
export const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY')

const unwritable =
  /^(SQLITE_(CANTOPEN|READONLY|FULL|IOERR|PERM|AUTH)|E(ACCES|PERM|ROFS|NOTDIR|EXIST|NOSPC|ISDIR|NOENT|LOOP|NAMETOOLONG))/

/** Runs `act`; a folder or disk that cannot be written becomes a `cannot-write` that names it. */
export const writing = <T>(folder: string, act: () => T): T => {
  try {
    return act()
  } catch (error) {
    if (!unwritable.test(codeOf(error))) throw error
    const why = /FULL|ENOSPC/.test(codeOf(error)) ? 'the disk is full' : (error as Error).message
    throw new EngineError('cannot-write', `the cache cannot be written in ${folder} (${why}): choose another folder`)
  }
}
