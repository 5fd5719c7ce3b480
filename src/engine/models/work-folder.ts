import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'

/** A folder of this process alone for skeletons and links: `<parent>/work-<pid>-<random>`. */
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

/** Inference processes are killed in mid-run, so what they left is swept by the next one. */
const sweep = (parent: string): void => {
  for (const name of readdirSync(parent)) {
    const pid = /^work-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true })
  }
}

/** Makes one and removes those that dead processes left in `parent`. Disposing removes it and everything in it. */
export const openWorkFolder = (parent: string): WorkFolder => {
  let path: string
  try {
    mkdirSync(parent, { recursive: true })
    sweep(parent)
    path = mkdtempSync(join(parent, `work-${process.pid}-`))
  } catch (error) {
    throw new EngineError('cannot-write', `cannot make a work folder in ${parent}: ${(error as Error).message}`)
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
