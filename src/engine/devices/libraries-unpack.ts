import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { EngineError } from '../../contract/errors.ts'

export interface UnpackOptions {
  signal?: AbortSignal | undefined
  onMember?: (member: string) => void
}

/**
 * Takes the wanted members out of a verified archive, each to the path given for it and nowhere else: a name from inside the archive
 * is only compared, never made into a path. Streams, whatever the size; a file appears under its path once it is whole and on the
 * disk. Throws `bad-download` where a member is missing, or is no plain file.
 */
export const unpack = async (
  archive: string,
  kind: 'zip' | 'tgz',
  wanted: ReadonlyMap<string, string>,
  options: UnpackOptions = {},
): Promise<void> => {
  const found = await (kind === 'zip' ? fromZip : fromTar)(archive, wanted, options)
  const missing = [...wanted.keys()].find((member) => !found.has(member))
  if (missing) throw new EngineError('bad-download', `${missing} is not in what was downloaded; report this`)
}

type FromArchive = (
  archive: string,
  wanted: ReadonlyMap<string, string>,
  options: UnpackOptions,
) => Promise<Set<string>>

const fromZip: FromArchive = async (archive, wanted, { signal, onMember }) => {
  const found = new Set<string>()
  const { openPromise } = await import('yauzl')
  const zip = await openPromise(archive, { lazyEntries: true })
  try {
    for await (const entry of zip.eachEntry()) {
      const path = wanted.get(entry.fileName)
      if (path === undefined) continue
      onMember?.(entry.fileName)
      await keep(await zip.openReadStreamPromise(entry), path, signal)
      found.add(entry.fileName)
    }
  } finally {
    zip.close()
  }
  return found
}

const fromTar: FromArchive = async (archive, wanted, { signal, onMember }) => {
  const found = new Set<string>()
  const { extract } = await import('tar-stream')
  const tar = extract()
  // an aborted or damaged stream ends the loop below with its error
  const feeding = pipeline(createReadStream(archive), createGunzip(), tar, signal ? { signal } : {}).catch(() => {})
  for await (const entry of tar) {
    const name = entry.header.name.replace(/^\.\//, '')
    const path = entry.header.type === 'file' ? wanted.get(name) : undefined
    if (path === undefined) {
      entry.resume()
      continue
    }
    onMember?.(name)
    await keep(entry as AsyncIterable<Uint8Array>, path, signal)
    found.add(name)
  }
  await feeding
  return found
}

const keep = async (bytes: AsyncIterable<Uint8Array>, path: string, signal?: AbortSignal): Promise<void> => {
  const temporary = `${path}.new`
  await mkdir(dirname(path), { recursive: true })
  try {
    await pipeline(bytes, createWriteStream(temporary, { flush: true }), signal ? { signal } : {})
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
