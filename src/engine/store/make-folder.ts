import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes a folder and those above it. Node's own `recursive` never returns where a parent refuses with ENOENT, as /proc does. */
export const makeFolder = (folder: string): void => {
  const parent = dirname(folder)
  if (parent !== folder && !existsSync(parent)) makeFolder(parent)
  try {
    mkdirSync(folder)
  } catch (error) {
    // EEXIST for a file too: opening the database in it says so
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
