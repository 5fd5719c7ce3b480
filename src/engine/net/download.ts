import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { makeFolder } from '../store/make-folder.ts'
import { fileError } from './file-error.ts'
import { lockFile } from './file-lock.ts'
import type { Net } from './net.ts'
import { hostOf } from './network-error.ts'
import { openPartial, readInto } from './partial-file.ts'
import { receive } from './receive.ts'

/** What a file must be: its SHA-256, or git's own hash of it, SHA-1 of "blob <length>\0" and the bytes (small files of the hub). */
export interface FileHash {
  algorithm: 'sha256' | 'git-sha1'
  /** lower case */
  hex: string
}

export interface Wanted {
  url: string
  /** `authorization` goes to the url's own origin only, wherever it redirects to */
  headers?: Record<string, string>
  /** where the verified file ends up; its folder is made */
  path: string
  /**
   * where it grows meanwhile, on the same disk, and from where a later call goes on. Must not be a name that other programs write,
   * such as Python's `<etag>.incomplete`
   */
  partial: string
  /** what sentences call it; the last part of `path` unless given */
  name?: string
  /** its length, where known: always for `git-sha1` */
  bytes: number | null
  /** null: only the length is checked, and what another process left in `partial` is not used */
  hash: FileHash | null
}

export interface DownloadProgress {
  /** `verify`: what is already here is read; `wait`: for another process, or after a failure */
  stage: 'download' | 'verify' | 'wait'
  /** of this file, from its beginning: here, or while verifying, read */
  bytes: number
  total: number | null
  /** while waiting: what for and how long, as one sentence; else empty */
  message: string
}

export interface DownloadOptions {
  /** ends it at once, as `cancelled`; the partial stays, so this is also how to pause */
  signal?: AbortSignal
  /** called about once per MiB, and before every wait */
  onProgress?: (progress: DownloadProgress) => void
}

/**
 * Returns when the wanted file, verified, is at `path`; if it is there already, after verifying that. Goes on from `partial`, retries
 * what may pass, and never leaves anything else at `path`. Throws `no-network`, `not-allowed`, `not-found`, `bad-download`, `no-space`,
 * `cannot-write`, `cancelled`.
 */
export const downloadFile = async (net: Net, wanted: Wanted, options: DownloadOptions = {}): Promise<void> => {
  const { signal, onProgress } = options
  const name = wanted.name ?? basename(wanted.path)
  const report: Report = (stage, bytes, total = wanted.bytes, message = '') =>
    onProgress?.({ stage, bytes, total, message })
  const task: Task = { net, wanted, name, signal, report }
  try {
    signal?.throwIfAborted()
    makeFolder(dirname(wanted.path))
    makeFolder(dirname(wanted.partial))
    await downloadAlone(task)
  } catch (error) {
    if (signal?.aborted) throw new EngineError('cancelled', 'cancelled')
    const failure = fileError(error, wanted.path, name)
    // a folder that may only be read serves as well, with the file in it
    const mayServe = failure instanceof EngineError && failure.code === 'cannot-write'
    if (mayServe && (await isThere(task).catch(() => false))) return
    throw failure
  }
}

export type Report = (stage: DownloadProgress['stage'], bytes: number, total?: number | null, message?: string) => void

export interface Task {
  net: Net
  wanted: Wanted
  /** what sentences call it */
  name: string
  signal: AbortSignal | undefined
  report: Report
}

/** One process at a time: the others wait, and find the file. */
const downloadAlone = async (task: Task): Promise<void> => {
  const { wanted, name, signal, report } = task
  // what is returned below is awaited first: else the lock would be let go before it is done
  using lock = await lockFile(`${wanted.partial}.lock`, {
    signal,
    onWait: (pid) =>
      report(
        'wait',
        sizeOf(wanted.partial) ?? 0,
        wanted.bytes,
        `process ${pid} is downloading ${name}; waiting for it`,
      ),
  })
  if (await isThere(task)) return await rm(wanted.partial, { force: true })
  for (const last of [false, true]) {
    const wrong = await grow(task)
    if (wrong === '') return await putInPlace(task, lock.held())
    await rm(wanted.partial, { force: true })
    if (last)
      throw new EngineError(
        'bad-download',
        `${name} from ${hostOf(wanted.url)} is not what was promised: ${wrong}; try again later, or from elsewhere`,
      )
  }
}

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size

const isThere = async ({ wanted, signal, report }: Task): Promise<boolean> => {
  const { path, bytes, hash } = wanted
  const size = sizeOf(path)
  if (size === undefined || (bytes !== null && size !== bytes)) return false
  if (hash === null) return true
  const sum = createHash(hash.algorithm === 'sha256' ? 'sha256' : 'sha1')
  if (hash.algorithm === 'git-sha1') sum.update(`blob ${size}\0`)
  await using file = await open(path)
  await readInto(file, sum, (read) => report('verify', read), signal)
  return sum.digest('hex') === hash.hex
}

/** Downloads what is missing in the partial and verifies all of it; what is wrong with it, else an empty string. */
const grow = async (task: Task): Promise<string> => {
  const { wanted, signal, report } = task
  const partial = await openPartial(wanted.partial, {
    hash: wanted.hash,
    total: wanted.bytes,
    onRead: (bytes) => report('verify', bytes),
    signal,
  })
  let wrong: string | undefined
  try {
    wrong = await receive(task, partial)
  } finally {
    await partial.close(wrong === '')
  }
  if (wrong !== '' || !wanted.hash) return wrong
  const digest = partial.digest()
  return digest === wanted.hash.hex ? '' : `its ${wanted.hash.algorithm} is ${digest}, not ${wanted.hash.hex}`
}

const putInPlace = async ({ wanted, name }: Task, held: boolean): Promise<void> => {
  if (!held)
    throw new EngineError(
      'cannot-write',
      `another process has taken over ${name} while this one stood still; try again`,
    )
  await rename(wanted.partial, wanted.path)
  if (process.platform === 'win32') return // folders cannot be opened there
  await using folder = await open(dirname(wanted.path))
  await folder.sync()
}
