import { createWriteStream, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { ExtractEvents } from 'tar-stream'
import { EngineError } from '../../contract/errors.ts'
import { manifestName, parseManifest, type Manifest } from './archive-manifest.ts'
import { createArchiveNames, type ArchiveNames } from './archive-names.ts'
import { blocksOf, copyHashed, createMeter, type Copying, type Meter } from './copying.ts'

/** A manifest of a thousand files is a tenth of this. */
const manifestBytes = 1 << 20

/**
 * Unpacks an archive that `exportModel` made below `into`, an empty folder of ours, and answers the model's folder in it. Only
 * plain files are written, under names that were checked, and every one has the hash that the archive's manifest gives it.
 * Throws `bad-model` (no such archive, or an unsafe one), `bad-download` (damaged or cut short, with the file's name).
 */
export const unpackArchive = async (path: string, into: string, { signal, part }: Copying): Promise<string> => {
  const names = createArchiveNames()
  const found: Manifest = new Map()
  const meter = createMeter(statSync(path).size, part)
  const tar = await import('tar-stream')
  const extract = tar.extract()
  const fed = pipeline(blocksOf(path, signal), extract)
  fed.catch(() => {}) // the entries fail with it, and it is awaited after the last
  const state = { file: '', manifest: null as Manifest | null }
  try {
    for await (const entry of extract) await unpackEntry(entry, { names, found, meter, into, state })
    await fed
  } catch (error) {
    throw signal.aborted ? signal.reason : damaged(path, state.file, error)
  }
  checkManifest(path, found, state.manifest)
  return join(into, names.folder())
}

type Entry = ExtractEvents['entry'][1]

interface Unpacking {
  names: ArchiveNames
  found: Manifest
  meter: Meter
  into: string
  /** the file that is being read, and the manifest once it is known */
  state: { file: string; manifest: Manifest | null }
}

const unpackEntry = async (entry: Entry, { names, found, meter, into, state }: Unpacking): Promise<void> => {
  const { name, type, size = 0 } = entry.header
  if (type !== 'file')
    throw new EngineError(
      'bad-model',
      `the archive is refused: ${JSON.stringify(name)} in it is a ${type ?? 'thing'}, and a model is plain files`,
    )
  const file = names.accept(name)
  state.file = file
  if (file === manifestName) {
    if (size > manifestBytes)
      throw new EngineError('bad-model', `the archive is refused: its ${manifestName} is too large`)
    state.manifest = parseManifest(await text(entry))
    return
  }
  const target = join(into, name)
  mkdirSync(dirname(target), { recursive: true })
  const to = createWriteStream(target, { flags: 'wx', flush: true })
  found.set(file, await copyHashed(entry as AsyncIterable<Uint8Array>, to, (more) => meter(file, more)))
}

const again = 'copy it again from where it was exported'

/** What the archive itself did wrong, or the stick it lies on; what could not be written stays as it is. */
const damaged = (path: string, file: string, error: unknown): unknown => {
  const { syscall = 'read', path: named, message } = error as NodeJS.ErrnoException
  if (named === path) return new EngineError('bad-model', `${basename(path)} cannot be read: ${message}`)
  if (error instanceof EngineError || syscall !== 'read') return error
  const where = file === '' ? 'it is no archive of a model' : `it is damaged or cut short in or after ${file}`
  return new EngineError(
    file === '' ? 'bad-model' : 'bad-download',
    `${basename(path)} cannot be imported: ${where}; ${again}`,
  )
}

const checkManifest = (path: string, found: Manifest, manifest: Manifest | null): void => {
  if (!manifest)
    throw new EngineError(
      found.size === 0 ? 'bad-model' : 'bad-download',
      `${basename(path)} cannot be imported: it is no archive made by otoscope models export, or its end is missing; ${again}`,
    )
  for (const [file, hash] of manifest)
    if (found.get(file) !== hash)
      throw new EngineError(
        'bad-download',
        `${basename(path)} cannot be imported: ${file} in it is ${found.has(file) ? 'damaged' : 'missing'}; ${again}`,
        { file },
      )
  const [extra] = [...found.keys()].filter((file) => !manifest.has(file))
  if (extra !== undefined)
    throw new EngineError('bad-model', `the archive is refused: ${extra} in it is not named in its ${manifestName}`)
}
