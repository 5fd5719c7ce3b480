import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../../contract/errors.ts'
import { RepoId } from '../../../contract/hub.ts'
import { catalogued } from '../catalogue.ts'
import { readCard } from '../folder.ts'
import { isCommit, refPath, repoFolder, repoOf, snapshotFolder } from './layout.ts'

/** A model in Hugging Face's cache, whoever downloaded it. */
export interface CachedModel {
  /** the catalogue's short name, or owner/name */
  id: string
  repo: string
  /** the commit that is opened: main's, else the one downloaded last */
  revision: string
  /** its snapshot: a model folder as the hub lays it out */
  folder: string
}

const names = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

/** owner/name of every repository in the cache that could be a model. */
export const cachedRepos = (cache: string): string[] =>
  names(cache)
    .map(repoOf)
    .filter((repo): repo is string => repo !== null && RepoId.safeParse(repo).success)
    .sort()

/** The commit a branch or tag was at when it was downloaded; null where it never was. */
export const cachedRef = (folder: string, revision: string): string | null => {
  try {
    const commit = readFileSync(refPath(folder, revision), 'utf8').trim()
    return isCommit(commit) ? commit : null
  } catch {
    return null
  }
}

/** Commits with a snapshot, main's first, then the latest. */
const commitsOf = (folder: string): string[] => {
  const main = cachedRef(folder, 'main')
  const age = (commit: string): number => statSync(snapshotFolder(folder, commit)).mtimeMs
  const rest = names(join(folder, 'snapshots')).filter((name) => isCommit(name) && name !== main)
  const latest = rest.map((commit) => ({ commit, at: age(commit) })).sort((a, b) => b.at - a.at)
  return [...(main === null ? [] : [main]), ...latest.map(({ commit }) => commit)]
}

/** A change within a file system's tick leaves no trace: only what has been as it is for this long is remembered. */
const settledMs = 3000

const mtimes = (snapshot: string): number[] =>
  [snapshot, join(snapshot, 'onnx')].map((folder) => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0)

const named = new Map<string, { stamp: string; graphs: boolean }>()

/**
 * Whether its names could be those of a model: looked at before its configs are read, as a cache holds much that is no model of
 * ours, and remembered, as some of that are folders of thousands of files.
 */
const hasGraphs = (snapshot: string): boolean => {
  const times = mtimes(snapshot)
  const known = named.get(snapshot)
  if (known?.stamp === times.join()) return known.graphs
  const top = names(snapshot)
  const graphs = top.includes('config.json') && [...names(join(snapshot, 'onnx')), ...top].some(isGraph)
  if (Date.now() - Math.max(...times) > settledMs) named.set(snapshot, { stamp: times.join(), graphs })
  return graphs
}

const isGraph = (name: string): boolean => name.endsWith('.onnx')

const opening = new Map<string, string>()

/** Whether its configs and graphs are those of a model; remembered, once it is one, until its folders change. */
const isModel = (snapshot: string): boolean => {
  const stamp = mtimes(snapshot).join()
  if (opening.get(snapshot) === stamp) return true
  if (!hasGraphs(snapshot)) return false
  try {
    readCard(snapshot)
    opening.set(snapshot, stamp)
    return true
  } catch (error) {
    if (error instanceof EngineError) return false
    throw error
  }
}

/** The model of a repository that is here in full; null where there is none, or none of a family we know. */
export const cachedModel = (cache: string, repo: string): CachedModel | null => {
  const folder = repoFolder(cache, repo)
  const revision = commitsOf(folder).find((commit) => isModel(snapshotFolder(folder, commit)))
  if (revision === undefined) return null
  return { id: catalogued(repo)?.id ?? repo, repo, revision, folder: snapshotFolder(folder, revision) }
}

/** Every model in the cache that we can open, by its files alone: nobody is asked. */
export const cachedModels = (cache: string): CachedModel[] =>
  cachedRepos(cache).flatMap((repo) => cachedModel(cache, repo) ?? [])

/** The licence a model card's front matter names; null where there is no card, or it names none. */
export const cardLicence = (snapshot: string): string | null => {
  const path = join(snapshot, 'README.md')
  if (!existsSync(path)) return null
  const [, matter = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readFileSync(path, 'utf8')) ?? []
  return /^license:[ \t]*["']?([^"'\s#]+)/m.exec(matter)?.[1] ?? null
}
