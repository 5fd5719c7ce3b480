import { basename } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { folderName } from './folder-name.ts'

const refused = ['EACCES', 'EPERM']

/** Runs `read`; a file of the model in `folder` that the system does not let us read becomes a `bad-model` that names it. */
export const readingFiles = <T>(folder: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    const { code = '', path, syscall } = error as NodeJS.ErrnoException
    if (error instanceof EngineError || syscall === undefined) throw error
    const why = refused.includes(code) ? 'permission denied' : (error as Error).message
    throw new EngineError(
      'bad-model',
      `${path === undefined ? 'a file' : basename(path)} of ${folderName(folder)} cannot be read: ${why}`,
    )
  }
}
