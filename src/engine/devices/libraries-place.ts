import { accessSync, constants, existsSync, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { readdir, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { defaultDataFolder } from '../data-folder.ts'
import { bindingFolder, onnxruntimeVersion } from '../paths.ts'
import { cudaManifest, type LibraryManifest } from './libraries-manifest.ts'
import { thisLoader, type LoaderPlaces } from './library-search.ts'

/** Where the libraries lie and what they must fit: this machine's own unless a test says otherwise. */
export interface LibraryPlaces {
  manifest: LibraryManifest
  /** holds a folder for each version */
  folder: string
  /** onnxruntime's own library is here, and it looks for its providers nowhere else */
  binding: string
  /** the version that is installed */
  onnxruntime: string
  /** `linux-x64`, as the packages are made for */
  system: string
  loader: LoaderPlaces
}

export const theseLibraries = (): LibraryPlaces => ({
  manifest: cudaManifest(),
  folder: join(defaultDataFolder(), cudaManifest().id),
  binding: bindingFolder,
  onnxruntime: onnxruntimeVersion,
  system: `${process.platform}-${process.arch}`,
  loader: thisLoader(),
})

const receiptName = 'installed.json'

/** Written last: a folder without it is not whole. */
const Receipt = z.object({ version: z.string(), files: z.array(z.object({ name: z.string(), bytes: z.number() })) })
export type Receipt = z.output<typeof Receipt>

export const versionFolder = ({ folder, manifest }: LibraryPlaces): string => join(folder, manifest.version)
export const receiptPath = (folder: string): string => join(folder, receiptName)

/** What lies in a whole folder of this version; null where there is none, or a file of it is gone or cut off. */
export const readReceipt = (places: LibraryPlaces): Receipt | null => {
  const folder = versionFolder(places)
  const receipt = parseReceipt(receiptPath(folder))
  const isWhole = receipt?.files.every(({ name, bytes }) => sizeOf(join(folder, name)) === bytes)
  return receipt?.version === places.manifest.version && isWhole ? receipt : null
}

/** A damaged one is none: every inference process that starts comes by here. */
const parseReceipt = (path: string): Receipt | null => {
  try {
    return Receipt.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Whether onnxruntime finds the provider: its names beside the binding lead to this version's files. */
export const isLinked = (places: LibraryPlaces): boolean =>
  places.manifest.provider.every((name) => linkTarget(join(places.binding, name)) === join(versionFolder(places), name))

/** Puts the provider's names beside the binding, as onnxruntime's own installer does, but as links: one copy is enough. */
export const link = async (places: LibraryPlaces): Promise<void> => {
  for (const name of places.manifest.provider) {
    const temporary = join(places.binding, `.${name}.${process.pid}`)
    await rm(temporary, { force: true })
    await symlink(join(versionFolder(places), name), temporary)
    await rename(temporary, join(places.binding, name))
  }
}

/** Removes the links that lead into our folder, and no others. */
export const unlink = async ({ manifest, binding, folder }: LibraryPlaces): Promise<void> => {
  for (const name of manifest.provider) {
    const target = linkTarget(join(binding, name))
    if (target !== null && dirname(dirname(target)) === folder) await rm(join(binding, name))
  }
}

/** Deletes every version but `kept`, begun downloads included. */
export const removeOthers = async ({ folder }: LibraryPlaces, kept: string): Promise<void> => {
  for (const name of await readdir(folder))
    if (name !== kept) await rm(join(folder, name), { recursive: true, force: true })
}

const linkTarget = (path: string): string | null => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isSymbolicLink() ? readlinkSync(path) : null
}

/** A provider that is there and not ours; null where there is none. */
export const foreignProvider = ({ manifest, binding, folder }: LibraryPlaces): string | null =>
  manifest.provider.find((name) => {
    const path = join(binding, name)
    const target = linkTarget(path)
    return existsSync(path) && (target === null || dirname(dirname(target)) !== folder)
  }) ?? null

/** Of a folder that may have to be made first. */
export const isWritable = (folder: string): boolean => {
  if (!existsSync(folder)) return dirname(folder) !== folder && isWritable(dirname(folder))
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
