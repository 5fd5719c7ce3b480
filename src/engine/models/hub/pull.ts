import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../../contract/errors.ts'
import type { PullProgress } from '../../../contract/hub.ts'
import { downloadFile, type Wanted } from '../../net/download.ts'
import { fileError } from '../../net/file-error.ts'
import type { Net } from '../../net/net.ts'
import { checkSpace } from '../../net/space.ts'
import type { Store } from '../../store/store.ts'
import type { HubApi, HubFile, HubRepo } from './api.ts'
import { authorization, refusal } from './ask.ts'
import { blobPath, partialPath, repoFolder, snapshotFolder } from './layout.ts'
import { placeInSnapshot, writeRef } from './place.ts'
import { createPullMeter, type PullMeter } from './progress.ts'
import { recordFile } from './record.ts'
import type { Tokens } from './token.ts'

export interface PullParts {
  net: Net
  api: HubApi
  tokens: Tokens
  store: Pick<Store, 'fileHash' | 'rememberFileHash'>
  cache: string
}

export interface PullPlan {
  found: HubRepo
  /** the branch, tag or commit that was asked for */
  revision: string
  /** in the order they are downloaded */
  files: readonly HubFile[]
}

export interface PullOptions {
  signal: AbortSignal
  part: (progress: PullProgress) => void
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Where a file of a commit is, or will be: its blob; or the snapshot itself, where Python keeps it if it may make no links. */
const placeOf = (folder: string, commit: string, { path, hash }: HubFile): string => {
  const blob = blobPath(folder, hash.hex)
  const inSnapshot = join(snapshotFolder(folder, commit), ...path.split('/'))
  return !existsSync(blob) && existsSync(inSnapshot) ? inSnapshot : blob
}

/** How many bytes of these files are in the cache: in full, or as what a paused download left. */
export const presentBytes = (cache: string, { repo, commit }: HubRepo, files: readonly HubFile[]): number => {
  const folder = repoFolder(cache, repo)
  return files.reduce((sum, file) => {
    const here = existsSync(placeOf(folder, commit, file))
    return sum + (here ? file.bytes : Math.min(file.bytes, sizeOf(partialPath(folder, file.hash.hex))))
  }, 0)
}

/**
 * Downloads what is not there yet, verifies everything, and only then lets it appear: the links of the snapshot, config.json's
 * last, and then the revision. Ended early it leaves partials, from which the next pull goes on. Answers the snapshot's folder.
 */
export const pullFiles = async (parts: PullParts, plan: PullPlan, options: PullOptions): Promise<string> => {
  const { found, files } = plan
  const folder = repoFolder(parts.cache, found.repo)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const meter = createPullMeter(total, options.part)
  try {
    await checkSpace(parts.cache, total - presentBytes(parts.cache, found, files))
    for (const file of files) {
      meter.begin(file.path, existsSync(placeOf(folder, found.commit, file)))
      await pullFile(parts, found, file, meter, options.signal)
      meter.end(file.bytes)
    }
    await appear(folder, plan)
  } catch (error) {
    throw withFolder(error)
  }
  return snapshotFolder(folder, found.commit)
}

/** Whoever is to choose another folder must know how. */
const withFolder = (error: unknown): unknown =>
  error instanceof EngineError && ['no-space', 'cannot-write'].includes(error.code)
    ? new EngineError(error.code, `${error.message}; HF_HOME or HF_HUB_CACHE names the folder`, error.detail)
    : error

const appear = async (folder: string, { found, files, revision }: PullPlan): Promise<void> => {
  const configLast = files.toSorted((a, b) => Number(a.path === 'config.json') - Number(b.path === 'config.json'))
  try {
    for (const file of configLast)
      await placeInSnapshot(folder, found.commit, file.path, placeOf(folder, found.commit, file))
    await writeRef(folder, revision, found.commit)
  } catch (error) {
    throw fileError(error, folder, found.repo)
  }
}

/** Before it is there: what a kill leaves behind is still known as ours. */
const record = (folder: string, { repo, commit }: HubRepo, { path, hash }: HubFile): void => {
  if (existsSync(join(snapshotFolder(folder, commit), ...path.split('/')))) return
  try {
    recordFile(folder, { commit, path, blob: hash.hex })
  } catch (error) {
    throw fileError(error, folder, repo)
  }
}

const pullFile = async (
  { net, api, tokens, store, cache }: PullParts,
  found: HubRepo,
  file: HubFile,
  meter: PullMeter,
  signal: AbortSignal,
): Promise<void> => {
  const folder = repoFolder(cache, found.repo)
  const { path, bytes, hash } = file
  const place = placeOf(folder, found.commit, file)
  record(folder, found, file)
  // verified once already, and not touched since
  if (hash.algorithm === 'sha256' && store.fileHash(place) === hash.hex) return
  const wanted: Wanted = {
    url: api.fileUrl(found, path),
    headers: authorization(tokens),
    path: place,
    partial: partialPath(folder, hash.hex),
    name: path,
    bytes,
    hash,
  }
  try {
    await downloadFile(net, wanted, { signal, onProgress: meter.part })
  } catch (error) {
    throw refusal(error, api.endpoint, found.repo, tokens)
  }
  if (hash.algorithm === 'sha256') store.rememberFileHash(place, hash.hex)
}
