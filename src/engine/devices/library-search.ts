import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readElf } from './elf.ts'

/**
 * Where Linux's loader finds shared libraries (ld.so(8)), worked out from files alone: nothing is loaded, nothing runs. It matters
 * because a library that is missing ends a provider, and the person wants its name.
 */
export interface LoaderPlaces {
  /** LD_LIBRARY_PATH as the process has it that loads */
  libraryPath: string
  /** the system's root folder: another one in tests */
  root: string
}

export const thisLoader = (): LoaderPlaces => ({ libraryPath: process.env.LD_LIBRARY_PATH ?? '', root: '/' })

const defaultFolders = [
  'lib/x86_64-linux-gnu',
  'usr/lib/x86_64-linux-gnu',
  'lib/aarch64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
  'lib64',
  'usr/lib64',
  'lib',
  'usr/lib',
]

/**
 * The names that the loader would not find for the library at `path` and all that it needs in turn, in the order it would ask for
 * them. Empty where everything is there.
 */
export const missingLibraries = (path: string, places: LoaderPlaces = thisLoader()): string[] => {
  const find = searcher(places)
  const missing = new Set<string>()
  const seen = new Set<string>()
  const visit = (library: string): void => {
    const elf = readElf(library)
    for (const name of elf?.needed ?? []) {
      if (seen.has(name)) continue
      seen.add(name)
      const found = find(name, origins(elf?.runpath ?? [], library), elf?.machine)
      if (found) visit(found)
      else missing.add(name)
    }
  }
  visit(path)
  return [...missing]
}

/** Answers the file that the loader takes for a name such as `libcudart.so.12`, or null. */
export const libraryFinder = (places: LoaderPlaces = thisLoader()): ((name: string) => string | null) => {
  const find = searcher(places)
  return (name) => find(name, [], undefined)
}

type Search = (name: string, runpath: string[], machine: number | undefined) => string | null

const searcher = ({ libraryPath, root }: LoaderPlaces): Search => {
  const cache = readLoaderCache(join(root, 'etc', 'ld.so.cache'))
  return (name, runpath, machine) => {
    const candidates = [
      ...[...libraryPath.split(':').filter(Boolean), ...runpath].map((folder) => join(folder, name)),
      ...(cache.get(name) ?? []).map((path) => join(root, path)),
      ...defaultFolders.map((folder) => join(root, folder, name)),
    ]
    return candidates.find((path) => fits(path, machine)) ?? null
  }
}

/** A library for another processor is passed over by the loader. */
const fits = (path: string, machine: number | undefined): boolean => {
  if (!existsSync(path)) return false
  const elf = readElf(path)
  return elf !== null && (machine === undefined || elf.machine === machine)
}

const origins = (runpath: string[], library: string): string[] =>
  runpath.map((folder) => folder.replace(/\$(ORIGIN|\{ORIGIN\})/g, dirname(library)))

const cacheMagic = 'glibc-ld.so.cache1.1'
const cacheHeaderBytes = 48
const cacheEntryBytes = 24

/** What `ldconfig -p` prints: name → paths. Empty where there is no such file, or none of this kind. */
const readLoaderCache = (path: string): Map<string, string[]> => {
  const known = new Map<string, string[]>()
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  // an older system's part may come first: offsets count from the newer part's beginning
  const start = bytes.indexOf(cacheMagic)
  if (start < 0 || bytes.length < start + cacheHeaderBytes) return known
  const cache = bytes.subarray(start)
  const text = (at: number): string => cache.toString('utf8', at, Math.max(at, cache.indexOf(0, at)))
  const last = Math.floor((cache.length - cacheHeaderBytes) / cacheEntryBytes)
  for (let index = 0; index < Math.min(cache.readUInt32LE(cacheMagic.length), last); index++) {
    const entry = cacheHeaderBytes + index * cacheEntryBytes
    const name = text(cache.readUInt32LE(entry + 4))
    known.set(name, [...(known.get(name) ?? []), text(cache.readUInt32LE(entry + 8))])
  }
  return known
}
