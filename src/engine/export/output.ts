import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'

/**
 * A file or folder that appears only when it is whole: written beside its place under another name, then renamed. Making one
 * creates the temporary already, so that an output that cannot be written fails before any work.
 */
export interface Output {
  /** where to write meanwhile */
  temporary: string
  /** the absolute path it will have */
  path: string
  /** moves it into place; a folder's files replace those of the same name in an existing folder */
  commit(): void
  /** removes what was written, folders made for it included; nothing after `commit` */
  discard(): void
}

export const openOutput = (path: string, kind: 'file' | 'folder'): Output => {
  const target = resolve(path)
  checkKind(target, kind)
  const parent = dirname(target)
  const temporary = join(parent, `.${basename(target)}.partial-${process.pid}`)
  const madeParent = writable(target, () => {
    const made = mkdirSync(parent, { recursive: true })
    if (kind === 'folder') mkdirSync(temporary)
    else writeFileSync(temporary, '', { flag: 'wx' })
    return made
  })
  let done = false
  return {
    temporary,
    path: target,
    commit: () => {
      writable(target, () =>
        kind === 'folder' && existsSync(target) ? merge(temporary, target) : renameSync(temporary, target),
      )
      done = true
    },
    discard: () => {
      if (done) return
      done = true
      rmSync(temporary, { recursive: true, force: true })
      if (madeParent) removeEmpty(parent, madeParent)
    },
  }
}

/** Removes `folder` and those above it up to `top`, unless somebody else has put something there meanwhile. */
const removeEmpty = (folder: string, top: string): void => {
  try {
    rmdirSync(folder)
    if (folder !== top) removeEmpty(dirname(folder), top)
  } catch {
    // not empty: it stays
  }
}

const checkKind = (target: string, kind: 'file' | 'folder'): void => {
  if (!existsSync(target) || statSync(target).isDirectory() === (kind === 'folder')) return
  const is = kind === 'folder' ? 'a file' : 'a folder'
  throw new EngineError('cannot-write', `${target} cannot be written: ${is} has this name; choose another`)
}

const merge = (from: string, into: string): void => {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(into, entry.name)]
    if (entry.isDirectory() && existsSync(target)) merge(source, target)
    else renameSync(source, target)
  }
  rmSync(from, { recursive: true, force: true })
}

/** Runs `act`; a failure of the file system becomes `cannot-write`. */
export const writable = <T>(target: string, act: () => T): T => {
  try {
    return act()
  } catch (error) {
    throw cannotWrite(target, error)
  }
}

/** A failure of the file system as `cannot-write`; what is named already, or cancelled, as it is. */
export const cannotWrite = (target: string, error: unknown): unknown => {
  const { code = '', message, name } = error as NodeJS.ErrnoException
  if (error instanceof EngineError || name === 'AbortError') return error
  return new EngineError('cannot-write', `${target} cannot be written: ${reasons[code] ?? message}`)
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EFBIG: 'the disk takes no file of this size (FAT32 ends at 4 GB): write a folder instead',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'its folder cannot be made',
  EEXIST: 'a part of its path is a file',
  EISDIR: 'a folder is in the way',
}
