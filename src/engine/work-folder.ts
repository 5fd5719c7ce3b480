import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../contract/errors.ts'

/** A folder of this process alone, for skeletons and links or for uploads: `<parent>/<kind>-<pid>-<random>`. */
export interface WorkFolder extends Disposable {
  path: string
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // alive, and somebody else's
  }
}

/** A process may be killed at any moment, so what it left is swept by the next one. */
const sweep = (parent: string, kind: string): void => {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(`${kind}-`) ? /^-(\d+)-/.exec(name.slice(kind.length))?.[1] : undefined
    if (pid !== undefined && !isAlive(Number(pid))) removeIfOurs(join(parent, name))
  }
}

const removeIfOurs = (folder: string): void => {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // another user's, in a folder that all share
  }
}

/** Makes one and removes those of its kind that dead processes left in `parent`. Disposing removes it and everything in it. */
export const openWorkFolder = (parent: string, kind = 'work'): WorkFolder => {
  let path: string
  try {
    mkdirSync(parent, { recursive: true })
    sweep(parent, kind)
    path = mkdtempSync(join(parent, `${kind}-${process.pid}-`))
  } catch (error) {
    throw new EngineError('cannot-write', `cannot make a work folder in ${parent}: ${(error as Error).message}`)
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
