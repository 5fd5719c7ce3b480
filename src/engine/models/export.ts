import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../contract/errors.ts'
import type { Variant } from '../../contract/model.ts'
import { cannotWrite, openOutput } from '../export/output.ts'
import { checkSpace } from '../net/space.ts'
import { manifestName, printManifest, type Manifest } from './archive-manifest.ts'
import { blocksOf, copyHashed, createMeter, type Copying } from './copying.ts'
import { carriedFiles, carriedNote } from './export-files.ts'
import { noteName } from './note.ts'
import type { FoundModel } from './registry.ts'
import { readingFiles } from './reading-files.ts'
import { splitVariant } from './variants.ts'

/** Where the bytes of the copy's next file go; the stream is ended by whoever writes it. */
type Add = (name: string, bytes: number) => NodeJS.WritableStream
/** Makes a copy at `path` of the files that `fill` adds; it is on the disk when this ends. */
type Writer = (path: string, fill: (add: Add) => Promise<void>) => Promise<void>

/**
 * Copies a model to where another machine can import it: as one archive where `path` ends in .tar, else as a folder. Every
 * variant that is there goes along, or the one that `reference` names. Nothing is left of a copy that fails or is cancelled.
 * Throws `cannot-write` (also where something has this name already), `no-space`, `bad-model`.
 */
export const exportModel = async (
  reference: string,
  { card, folder }: FoundModel,
  path: string,
  { signal, part }: Copying,
): Promise<void> => {
  const target = resolve(path)
  if (existsSync(target))
    throw new EngineError('cannot-write', `${target} is there already: remove it, or choose another name`)
  const { variant } = splitVariant(reference)
  const asArchive = /\.tar$/i.test(target)
  const files = filesOf({ card, folder }, variant)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  await checkSpace(dirname(target), total)
  const output = openOutput(target, asArchive ? 'file' : 'folder')
  const write = asArchive ? archive(archiveName(card.id)) : writeFolder
  const meter = createMeter(total, part)
  try {
    await write(output.temporary, async (add) => {
      const manifest: Manifest = new Map()
      for (const { name, bytes, blocks } of files) {
        const exact = exactly(bytes, name, blocks(signal))
        manifest.set(name, await copyHashed(exact, add(name, bytes), (more) => meter(name, more)))
      }
      const text = Buffer.from(printManifest(manifest))
      await pipeline(one(text), add(manifestName, text.length))
    })
    signal.throwIfAborted()
    output.commit()
  } catch (error) {
    throw cannotWrite(target, error)
  } finally {
    output.discard()
  }
}

interface Source {
  name: string
  bytes: number
  blocks: (signal: AbortSignal) => AsyncIterable<Uint8Array>
}

const filesOf = ({ card, folder }: FoundModel, variant: Variant | undefined): Source[] =>
  readingFiles(folder, () => {
    const note = Buffer.from(carriedNote(folder, card))
    const carried = carriedFiles(folder, card.family, variant === undefined ? card.variants : [variant])
    return [
      { name: noteName, bytes: note.length, blocks: () => one(note) },
      ...carried.map(({ name, path, bytes }) => ({
        name,
        bytes,
        blocks: (signal: AbortSignal) => blocksOf(path, signal),
      })),
    ]
  })

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** A file that is being written meanwhile is no file to carry away; one that cannot be read is not the output's fault. */
async function* exactly(bytes: number, name: string, blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let seen = 0
  try {
    for await (const block of blocks) {
      seen += block.length
      if (seen > bytes) break
      yield block
    }
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw new EngineError('bad-model', `${name} cannot be read: ${(error as Error).message}`)
  }
  if (seen !== bytes) throw new EngineError('bad-model', `${name} changed while it was copied: try again`)
}

/** A folder's name within an archive: what the model is called after it is imported. */
const archiveName = (id: string): string => {
  const name = splitVariant(id).name.split('/').at(-1) ?? ''
  return name.replace(/[^\w.-]/g, '-').replace(/^[.-]+/, '') || 'model'
}

const writeFolder: Writer = (path, fill) =>
  fill((name) => {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    return createWriteStream(join(path, name), { flush: true })
  })

/** Times are left out: two exports of one model are the same bytes. */
const archive =
  (folder: string): Writer =>
  async (path, fill) => {
    const tar = await import('tar-stream')
    const pack = tar.pack()
    const add: Add = (name, bytes) => pack.entry({ name: `${folder}/${name}`, size: bytes, mtime: new Date(0) })
    const filled = fill(add).then(
      () => pack.finalize(),
      (error: Error) => {
        pack.destroy(error)
        throw error
      },
    )
    await Promise.all([filled, pipeline(pack, createWriteStream(path, { flush: true }))])
  }
