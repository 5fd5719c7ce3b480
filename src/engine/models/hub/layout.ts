import { join } from 'node:path'
import { EngineError } from '../../../contract/errors.ts'

/**
 * Hugging Face's own cache: `models--owner--name/{blobs/<etag>, snapshots/<commit>/<path> → ../../blobs/<etag>, refs/<revision>}`.
 * Everything that names a file here may come from a server, and is checked before it becomes a path.
 */

export const repoFolder = (cache: string, repo: string): string => join(cache, `models--${repo.replace('/', '--')}`)

/** owner/name of a folder of the cache; null where it is no model of an owner. */
export const repoOf = (folder: string): string | null => {
  const [, owner, name] = /^models--(.+?)--(.+)$/.exec(folder) ?? []
  return owner === undefined ? null : `${owner}/${name}`
}

/** A whole commit: what `snapshots/` is ordered by. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision)

/** What names a blob: the SHA-256 of a large file, git's SHA-1 of a small one. */
export const isHash = (etag: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(etag)

/** The name of a file within a repository that cannot leave its folder, on any system. */
export const isSafePath = (path: string): boolean =>
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  !/[\\:\u0000-\u001f]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')

export const snapshotFolder = (folder: string, commit: string): string => {
  if (!isCommit(commit)) throw unusable('commit', commit)
  return join(folder, 'snapshots', commit)
}

export const blobPath = (folder: string, etag: string): string => {
  if (!isHash(etag)) throw unusable('file hash', etag)
  return join(folder, 'blobs', etag)
}

const partialSuffix = '.otoscope'

/** Not `.incomplete`: that is Python's, and need not be the beginning of the file. */
export const partialPath = (folder: string, etag: string): string => blobPath(folder, etag) + partialSuffix

export const isPartial = (name: string): boolean => name.endsWith(partialSuffix)

export const refPath = (folder: string, revision: string): string => {
  if (!isSafePath(revision)) throw new EngineError('bad-input', `${revision} is no name of a branch, tag or commit`)
  return join(folder, 'refs', ...revision.split('/'))
}

const unusable = (what: string, value: string): EngineError =>
  new EngineError('bad-download', `the hub names ${JSON.stringify(value.slice(0, 80))} as a ${what}, which it is not`)
