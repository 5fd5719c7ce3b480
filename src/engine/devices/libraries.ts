import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { LibraryCard } from '../../contract/libraries.ts'
import { EngineError } from '../../contract/errors.ts'
import type { PullProgress } from '../../contract/hub.ts'
import { downloadFile } from '../net/download.ts'
import { fileError } from '../net/file-error.ts'
import { lockFile } from '../net/file-lock.ts'
import type { Net } from '../net/net.ts'
import { createRate } from '../net/rate.ts'
import { checkSpace } from '../net/space.ts'
import { keptName, type LibraryPackage } from './libraries-manifest.ts'
import {
  foreignProvider,
  isLinked,
  isWritable,
  link,
  readReceipt,
  receiptPath,
  removeOthers,
  sizeOf,
  theseLibraries,
  unlink,
  versionFolder,
  type LibraryPlaces,
  type Receipt,
} from './libraries-place.ts'
import { unpack } from './libraries-unpack.ts'
import { libraryFinder } from './library-search.ts'

/**
 * Libraries of an accelerator, downloaded apart: onnxruntime's CUDA provider, and NVIDIA's own libraries for whoever has not
 * installed them. docs/decisions/0009-cuda-libraries.md says from where and why.
 */

export interface InstallOptions {
  /** ends it, as `cancelled`; what is here stays, and the next call goes on from there */
  signal?: AbortSignal
  onProgress?: (progress: PullProgress) => void
}

/** CUDA's on Linux x64; empty elsewhere. */
export const libraryCards = (places = theseLibraries()): LibraryCard[] =>
  places.system === 'linux-x64' ? [libraryCard(places)] : []

/** Throws `not-found` for an id that is none of this system's. */
export const checkLibrary = (id: string, places = theseLibraries()): void => {
  const known = libraryCards(places).map((card) => card.id)
  if (known.includes(id)) return
  const instead = known.length > 0 ? `there is ${known.join(', ')}` : 'they are for Linux on x64 only'
  throw new EngineError('not-found', `there are no libraries called ${id} for this system; ${instead}`)
}

export const libraryCard = (places: LibraryPlaces): LibraryCard => {
  const { id, title, licence } = places.manifest
  const receipt = readReceipt(places)
  const packages = wantedPackages(places)
  return {
    id,
    title,
    licence,
    bytes: {
      download: total(packages.map(({ bytes }) => bytes)),
      disk: total(receipt ? receipt.files.map(({ bytes }) => bytes) : packages.map(({ disk }) => disk)),
    },
    installed: receipt !== null && isLinked(places),
    partialBytes: receipt ? 0 : total(packages.map((item) => presentBytes(places, item))),
    refused: refusal(places),
  }
}

/**
 * Downloads, verifies and unpacks what is missing, then puts it in place at once. Nothing counts as installed before that, whenever
 * it is ended. Throws `cannot-write` where it is refused, and what `downloadFile` throws.
 */
export const installLibraries = async (
  net: Net,
  places: LibraryPlaces,
  options: InstallOptions = {},
): Promise<LibraryCard> => {
  const refused = refusal(places)
  if (refused) throw new EngineError('cannot-write', refused)
  await alone(places, options, async () => {
    if (!readReceipt(places)) await fill(net, places, options)
    await link(places)
    await removeOthers(places, places.manifest.version)
  })
  return libraryCard(places)
}

/** Removes all of it, begun downloads included. */
export const uninstallLibraries = async (places: LibraryPlaces): Promise<LibraryCard> => {
  await alone(places, {}, async () => {
    await unlink(places)
    await rm(places.folder, { recursive: true, force: true })
  })
  return libraryCard(places)
}

/** One process at a time installs or removes. */
const alone = async (
  { folder, manifest }: LibraryPlaces,
  { signal, onProgress }: InstallOptions,
  work: () => Promise<void>,
): Promise<void> => {
  const onWait = (pid: number): void => {
    const message = `process ${pid} is installing or removing ${manifest.title}; waiting for it`
    reporter(0, onProgress)({ stage: 'wait', file: '', bytes: 0, message })
  }
  try {
    await mkdir(dirname(folder), { recursive: true })
    const lock = await lockFile(`${folder}.lock`, { signal, onWait })
    try {
      await work()
    } finally {
      lock[Symbol.dispose]()
    }
  } catch (error) {
    if (signal?.aborted) throw new EngineError('cancelled', 'cancelled')
    throw fileError(error, (error as NodeJS.ErrnoException).path ?? folder, manifest.title)
  }
}

/** Why it cannot be installed here, as one sentence; empty where it can. */
const refusal = (places: LibraryPlaces): string => {
  const { manifest, onnxruntime, binding, folder } = places
  if (manifest.onnxruntime !== onnxruntime)
    return `these libraries are for onnxruntime ${manifest.onnxruntime}, and Otoscope runs with ${onnxruntime}: install another version of Otoscope`
  const foreign = foreignProvider(places)
  if (foreign) return `${foreign} was put beside onnxruntime by another program: remove it from ${binding} first`
  const locked = [binding, folder].find((place) => !isWritable(place))
  if (locked)
    return `${locked} cannot be written by you: let its owner do this, or install Otoscope into a folder of your own`
  return ''
}

/** All of them; where the system has CUDA and cuDNN itself, in versions that are new enough, only onnxruntime's own. */
const wantedPackages = ({ manifest, loader }: LibraryPlaces): LibraryPackage[] => {
  const find = libraryFinder(loader)
  const systemHasAll = manifest.system.every(({ name, symbol }) => {
    const path = find(name)
    return path !== null && (symbol === undefined || readFileSync(path).includes(symbol))
  })
  return manifest.packages.filter(({ always }) => always || !systemHasAll)
}

/** Where a version grows until it is whole. */
const beginning = (places: LibraryPlaces): string => `${versionFolder(places)}.part`
const marker = (folder: string, { name }: LibraryPackage): string => join(folder, `${name}.unpacked`)
const archivePath = (folder: string, { name, archive }: LibraryPackage): string => join(folder, `${name}.${archive}`)
const partialPath = (folder: string, item: LibraryPackage): string => `${archivePath(folder, item)}.partial`

/** Bytes of a package that need not be downloaded any more. */
const presentBytes = (places: LibraryPlaces, item: LibraryPackage): number => {
  const folder = beginning(places)
  if (existsSync(marker(folder, item))) return item.bytes
  return Math.min(item.bytes, Math.max(sizeOf(archivePath(folder, item)), sizeOf(partialPath(folder, item))))
}

const fill = async (net: Net, places: LibraryPlaces, { signal, onProgress }: InstallOptions): Promise<void> => {
  const folder = beginning(places)
  const packages = wantedPackages(places)
  const missing = packages.filter((item) => !existsSync(marker(folder, item)))
  await checkSpace(places.folder, roomFor(places, missing))
  await mkdir(folder, { recursive: true })
  const report = reporter(total(packages.map(({ bytes }) => bytes)), onProgress)
  let before = total(packages.map(({ bytes }) => bytes)) - total(missing.map(({ bytes }) => bytes))
  for (const item of missing) {
    await obtain(net, folder, item, {
      ...(signal ? { signal } : {}),
      onProgress: (part) => report({ ...part, bytes: before + Math.min(part.bytes, item.bytes) }),
    })
    before += item.bytes
  }
  const receipt: Receipt = { version: places.manifest.version, files: keptFiles(folder, packages) }
  await writeFile(receiptPath(folder), JSON.stringify(receipt, null, 2), { flush: true })
  // a damaged one, of which a file was lost
  await rm(versionFolder(places), { recursive: true, force: true })
  await rename(folder, versionFolder(places))
}

/** An archive goes before the next one comes: what is kept of all of them, and the largest archive. */
const roomFor = (places: LibraryPlaces, packages: LibraryPackage[]): number =>
  total(packages.map(({ disk }) => disk)) +
  Math.max(0, ...packages.map((item) => item.bytes - presentBytes(places, item)))

const keptFiles = (folder: string, packages: LibraryPackage[]): Receipt['files'] =>
  packages.flatMap((item) =>
    item.take.map((member) => {
      const name = keptName(item, member)
      return { name, bytes: statSync(join(folder, name)).size }
    }),
  )

type Part = Omit<PullProgress, 'total' | 'bytesPerSecond' | 'secondsLeft'>

/** `bytes` of the progress are those of this package. */
const obtain = async (
  net: Net,
  folder: string,
  item: LibraryPackage,
  { signal, onProgress }: { signal?: AbortSignal; onProgress: (part: Part) => void },
): Promise<void> => {
  const archive = archivePath(folder, item)
  const wanted = {
    url: item.url,
    path: archive,
    partial: partialPath(folder, item),
    name: `${item.name} ${item.version}`,
    // the hash alone decides: the length is shown, and must not refuse the right file
    bytes: null,
    hash: { algorithm: 'sha256' as const, hex: item.sha256 },
  }
  await downloadFile(net, wanted, {
    ...(signal ? { signal } : {}),
    onProgress: ({ stage, bytes, message }) => onProgress({ stage, file: item.name, bytes, message }),
  })
  const members = new Map(item.take.map((member) => [member, join(folder, keptName(item, member))]))
  const onMember = (member: string): void =>
    onProgress({ stage: 'verify', file: keptName(item, member), bytes: item.bytes, message: '' })
  await unpack(archive, item.archive, members, { signal, onMember })
  await writeFile(marker(folder, item), '', { flush: true })
  await rm(archive)
}

const reporter = (all: number, onProgress?: (progress: PullProgress) => void): ((part: Part) => void) => {
  const rate = createRate()
  return (part) => onProgress?.({ ...part, total: all, ...rate(part.bytes, all) })
}

const total = (bytes: number[]): number => bytes.reduce((sum, value) => sum + value, 0)
