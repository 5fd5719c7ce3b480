import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'

/** What a file of the hub holds: text, bytes, a file of this machine, or noise of any length that is nowhere on disk. */
export type Content = string | Uint8Array | { path: string } | { generated: number; seed?: number }

export interface Served {
  bytes: number
  /** hex, computed when first asked for */
  sha256: string
  /** git's own: of "blob <length>\0" and the bytes */
  gitSha1: string
  /** [from, to) in pieces */
  read(from: number, to: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  text(): string
}

export const serve = (content: Content): Served => {
  if (typeof content === 'string') return fromBytes(Buffer.from(content))
  if (content instanceof Uint8Array) return fromBytes(content)
  if ('path' in content) return fromFile(content.path)
  return generated(content.generated, content.seed ?? 1)
}

const fromBytes = (bytes: Uint8Array): Served => ({
  bytes: bytes.length,
  sha256: hex('sha256', [bytes]),
  gitSha1: hex('sha1', [Buffer.from(`blob ${bytes.length}\0`), bytes]),
  read: (from, to) => [bytes.subarray(from, to)],
  text: () => Buffer.from(bytes).toString(),
})

const fromFile = (path: string): Served => {
  const bytes = statSync(path).size
  return {
    ...lazily(
      () => [readFileSync(path)],
      () => bytes,
    ),
    read: (from, to) => (to > from ? createReadStream(path, { start: from, end: to - 1 }) : []),
    text: () => readFileSync(path, 'utf8'),
  }
}

const blockBytes = 1 << 20

/** Every block is the same noise with its own number at its beginning, so that any stretch costs no more than copying it. */
const generated = (bytes: number, seed: number): Served => {
  const noise = Buffer.alloc(blockBytes)
  let state = seed >>> 0 || 1
  for (let at = 0; at < blockBytes; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    noise.writeInt32LE(state | 0, at)
  }
  const read = function* (from: number, to: number): Iterable<Uint8Array> {
    for (let at = from; at < to;) {
      const number = Math.floor(at / blockBytes)
      const block = Buffer.from(noise)
      block.writeUInt32LE(number, 0)
      const [start, end] = [number * blockBytes, Math.min((number + 1) * blockBytes, to)]
      yield block.subarray(at - start, end - start)
      at = end
    }
  }
  return {
    ...lazily(
      () => read(0, bytes),
      () => bytes,
    ),
    read,
    text: () => Buffer.concat([...read(0, bytes)]).toString(),
  }
}

const lazily = (
  read: () => Iterable<Uint8Array>,
  length: () => number,
): { bytes: number; sha256: string; gitSha1: string } => {
  let sha256: string | undefined
  return {
    bytes: length(),
    get sha256() {
      return (sha256 ??= hex('sha256', read()))
    },
    get gitSha1() {
      return hex('sha1', [Buffer.from(`blob ${length()}\0`), ...read()])
    },
  }
}

const hex = (algorithm: string, pieces: Iterable<Uint8Array>): string => {
  const hash = createHash(algorithm)
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}
