import { createHash, type Hash } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { constants } from 'node:fs'
import type { FileHash } from './download.ts'

const blockBytes = 1 << 20
/** On a slow line blocks are written before they are full. */
const longestWait = 200

/** A file that grows at its end and whose hash is known all the time. */
export interface PartialFile {
  /** how many are here */
  bytes: number
  /** true where a block was written */
  append(chunk: Uint8Array): Promise<boolean>
  /** removes what is here and begins again */
  restart(): Promise<void>
  /** of everything so far, in hex, lower case; once only */
  digest(): string
  /** writes what is still in memory; `safe` also waits until the disk has it */
  close(safe?: boolean): Promise<void>
}

export interface PartialOptions {
  /** null: what is in the file is not used */
  hash: FileHash | null
  /** its whole length, part of git's hash; what is longer already is not used */
  total: number | null
  /** bytes read so far of what is already in the file */
  onRead: (bytes: number) => void
  signal: AbortSignal | undefined
}

/** Opens or makes the file, and reads what is in it. */
export const openPartial = async (path: string, options: PartialOptions): Promise<PartialFile> => {
  const { hash, total, onRead, signal } = options
  const fresh = (): Hash => {
    const made = createHash(hash?.algorithm === 'git-sha1' ? 'sha1' : 'sha256')
    return hash?.algorithm === 'git-sha1' ? made.update(`blob ${total}\0`) : made
  }
  let [handle, sum, gathered, since] = [await openFile(path), fresh(), [] as Uint8Array[], performance.now()]
  let [bytes, written] = [0, 0]
  const restart = async (): Promise<void> => {
    await handle.close()
    // not truncated: were it another process's after all, that one goes on with a file of its own
    await rm(path, { force: true })
    handle = await openFile(path)
    ;[sum, gathered, bytes, written] = [fresh(), [], 0, 0]
  }
  const flush = async (): Promise<void> => {
    const block = gathered
    gathered = []
    since = performance.now()
    await writeAll(handle, block, written)
    written = bytes
  }
  try {
    const { size } = await handle.stat()
    if (size > 0 && (hash === null || size > (total ?? Infinity))) await restart()
    else if (size > 0) bytes = written = await readInto(handle, sum, onRead, signal)
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    get bytes() {
      return bytes
    },
    append: async (chunk) => {
      sum.update(chunk)
      gathered.push(chunk)
      bytes += chunk.length
      if (bytes - written < blockBytes && performance.now() - since < longestWait) return false
      await flush()
      return true
    },
    restart,
    digest: () => sum.digest('hex'),
    close: async (safe = false) => {
      try {
        await flush()
        if (safe) await handle.sync()
      } finally {
        await handle.close()
      }
    },
  }
}

const openFile = (path: string): Promise<FileHandle> => open(path, constants.O_RDWR | constants.O_CREAT, 0o666)

/** At a place, not at the end: two processes that wrote the same bytes would not harm one another. */
const writeAll = async (handle: FileHandle, chunks: Uint8Array[], at: number): Promise<void> => {
  if (chunks.length === 0) return
  const { bytesWritten } = await handle.writev(chunks, at)
  const all = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  // the rest of a write that the disk took only a part of: the next one says why
  if (bytesWritten < all) await writeAll(handle, [Buffer.concat(chunks).subarray(bytesWritten)], at + bytesWritten)
}

/** The whole file into `sum`; answers its length. */
export const readInto = async (
  handle: FileHandle,
  sum: Hash,
  onRead: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<number> => {
  const block = Buffer.allocUnsafe(blockBytes)
  for (let at = 0; ;) {
    signal?.throwIfAborted()
    const { bytesRead } = await handle.read(block, 0, block.length, at)
    if (bytesRead === 0) return at
    sum.update(block.subarray(0, bytesRead))
    at += bytesRead
    onRead(at)
  }
}
