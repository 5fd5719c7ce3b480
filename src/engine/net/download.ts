import { EngineError } from '../../contract/errors.ts'
import type { Net } from './net.ts'

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
export const downloadFile = (_net: Net, _wanted: Wanted, _options?: DownloadOptions): Promise<void> => {
  throw new EngineError('not-yet', 'downloads are not there yet')
}
