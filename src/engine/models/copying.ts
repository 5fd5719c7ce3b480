import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { CopyProgress } from '../../contract/host.ts'

/** How a long copy speaks with whoever asked for it. */
export interface Copying {
  signal: AbortSignal
  part: (progress: CopyProgress) => void
}

const blockBytes = 1 << 20

/** A file's bytes in blocks that stay the reader's. Throws as the file system does, and AbortError. */
export const blocksOf = (path: string, signal: AbortSignal): AsyncIterable<Uint8Array> =>
  createReadStream(path, { signal, highWaterMark: blockBytes })

/** Counts the bytes of many files and tells them as parts of `total`. */
export const createMeter = (total: number, part: Copying['part']) => {
  let bytes = 0
  return (file: string, more: number): void => {
    bytes += more
    part({ file, bytes, total })
  }
}
export type Meter = ReturnType<typeof createMeter>

/** Writes blocks to `target` (nowhere, to check them) and answers their SHA-256 in hex. */
export const copyHashed = async (
  blocks: AsyncIterable<Uint8Array>,
  target: NodeJS.WritableStream | null,
  onBytes: (bytes: number) => void,
): Promise<string> => {
  const hash = createHash('sha256')
  const seen = async function* (): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      hash.update(block)
      onBytes(block.length)
      if (target) yield block
    }
  }
  if (target) await pipeline(seen, target)
  else await seen().next()
  return hash.digest('hex')
}
