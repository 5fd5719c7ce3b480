import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, rmdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { EngineError } from '../../../contract/errors.ts'
import { holderOf } from '../../net/file-lock.ts'
import { cachedRepos } from './cached.ts'
import { blobPath, isPartial, repoFolder, snapshotFolder } from './layout.ts'
import { forgetFiles, recordedFiles, type RecordedFile } from './record.ts'

/** What Otoscope itself put into Hugging Face's cache, and how it is taken out again without touching what others put there. */
export interface Downloaded {
  /** whether graphs of this repository that are in place are ours */
  isOurs(repo: string): boolean
  /** bytes of a download that was paused or cut off; 0 where there is none */
  partialBytes(repo: string): number
  /** repositories of which there is such a download */
  partialRepos(): string[]
  /** deletes what a paused download left */
  discard(repo: string): void
  /** deletes everything of ours */
  remove(repo: string): void
}

export const createDownloaded = (cache: string): Downloaded => {
  const isPlaced = (repo: string, file: RecordedFile): boolean => isThere(placeOf(repoFolder(cache, repo), file))
  const recorded = (repo: string): RecordedFile[] => recordedFiles(repoFolder(cache, repo))
  const waiting = (repo: string): RecordedFile[] => recorded(repo).filter((file) => !isPlaced(repo, file))

  const forget = (repo: string, files: RecordedFile[]): void => {
    const folder = repoFolder(cache, repo)
    refuseWhileGrowing(repo, folder)
    for (const file of files) rmSync(placeOf(folder, file), { force: true })
    for (const name of leftovers(folder)) rmSync(join(folder, 'blobs', name), { force: true })
    const used = usedBlobs(folder)
    for (const { blob } of files) if (!used.has(blob)) rmSync(blobPath(folder, blob), { force: true })
    forgetFiles(folder, files)
    tidy(folder)
  }
  const partialBytes = (repo: string): number => {
    const folder = repoFolder(cache, repo)
    const whole = new Set(waiting(repo).map(({ blob }) => blob))
    return [...whole, ...leftovers(folder).filter(isPartial)].reduce(
      (sum, name) => sum + size(join(folder, 'blobs', name)),
      0,
    )
  }
  return {
    isOurs: (repo) => recorded(repo).some((file) => file.path.endsWith('.onnx') && isPlaced(repo, file)),
    partialBytes,
    partialRepos: () => cachedRepos(cache).filter((repo) => partialBytes(repo) > 0),
    discard: (repo) => deleting(repo, () => forget(repo, waiting(repo))),
    remove: (repo) => deleting(repo, () => forget(repo, recorded(repo))),
  }
}

const placeOf = (folder: string, { commit, path }: RecordedFile): string =>
  join(snapshotFolder(folder, commit), ...path.split('/'))

const deleting = (repo: string, act: () => void): void => {
  try {
    act()
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    throw new EngineError(
      'cannot-write',
      `files of ${repo} cannot be deleted (${code || 'the disk refuses it'}); close what uses them, or look at who owns them`,
    )
  }
}

const size = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** A link counts even where it leads nowhere. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Partials, and the locks of processes that were killed while they grew. */
const leftovers = (folder: string): string[] => {
  const blobs = join(folder, 'blobs')
  return existsSync(blobs) ? readdirSync(blobs).filter((name) => isPartial(name.replace(/\.lock$/, ''))) : []
}

/** Another process would lose what it downloads. */
const refuseWhileGrowing = (repo: string, folder: string): void => {
  const locks = leftovers(folder).filter((name) => !isPartial(name))
  const pid = locks.map((name) => holderOf(join(folder, 'blobs', name))).find((holder) => holder !== null)
  if (pid !== undefined) throw new EngineError('bad-input', `process ${pid} is downloading ${repo}; end that first`)
}

/** Names of the blobs that snapshots still lead to. */
const usedBlobs = (folder: string): Set<string> => {
  const [blobs, snapshots] = [join(folder, 'blobs'), join(folder, 'snapshots')]
  if (!existsSync(snapshots)) return new Set()
  const links = readdirSync(snapshots, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => resolve(entry.parentPath, readlinkSync(join(entry.parentPath, entry.name))))
  return new Set(links.filter((target) => dirname(target) === resolve(blobs)).map((target) => basename(target)))
}

/** Takes away what holds nothing any more: folders, and branches whose commit is gone. */
const tidy = (folder: string): void => {
  removeEmpty(join(folder, 'snapshots'))
  const refs = join(folder, 'refs')
  if (existsSync(refs))
    for (const entry of readdirSync(refs, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && !existsSync(join(folder, 'snapshots', readFileSync(path, 'utf8').trim()))) rmSync(path)
    }
  removeEmpty(folder)
}

/** A folder whose tree holds no file, from below. */
const removeEmpty = (folder: string): void => {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
