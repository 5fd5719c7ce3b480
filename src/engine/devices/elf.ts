import { closeSync, openSync, readSync } from 'node:fs'

/** What a shared library says about the libraries it wants: its dynamic section (System V ABI, chapters 4 and 5). */
export interface Elf {
  /** processor: 62 is x86-64, 183 is 64-bit ARM */
  machine: number
  /** DT_NEEDED, in order */
  needed: string[]
  /** DT_RUNPATH, else DT_RPATH: folders to look in, as written (`$ORIGIN` is the library's own) */
  runpath: string[]
}

const header = { bytes: 64, machine: 18, segments: 32, segmentBytes: 54, segmentCount: 56 }
const segmentType = { load: 1, dynamic: 2 }
const tag = { needed: 1, strings: 5, stringBytes: 10, rpath: 15, runpath: 29 }

/** More than any real library has: a damaged file does not make us read it all. */
const limits = { segments: 1000, dynamicBytes: 1e6, stringBytes: 1e8 }

/** Of a 64-bit little-endian ELF file; null for anything else, and for what cannot be read. A few kilobytes are read, whatever its size. */
export const readElf = (path: string): Elf | null => {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    return parse((offset, length) => readAt(file, offset, length))
  } catch (error) {
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'EISDIR') return null
    throw error
  } finally {
    closeSync(file)
  }
}

/** Throws `RangeError` where the file ends before. */
const readAt = (file: number, offset: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  if (readSync(file, bytes, 0, length, offset) !== length) throw new RangeError('the file ends too early')
  return bytes
}

type Read = (offset: number, length: number) => Buffer

interface Segment {
  type: number
  offset: number
  address: number
  bytes: number
}

const parse = (read: Read): Elf | null => {
  const start = read(0, header.bytes)
  // 7f 'ELF', 64-bit, little-endian
  if (start.readUInt32BE(0) !== 0x7f454c46 || start[4] !== 2 || start[5] !== 1) return null
  const segments = readSegments(read, start)
  const dynamic = segments.find(({ type }) => type === segmentType.dynamic)
  const machine = start.readUInt16LE(header.machine)
  if (!dynamic || dynamic.bytes > limits.dynamicBytes) return { machine, needed: [], runpath: [] }
  const entries = readDynamic(read(dynamic.offset, dynamic.bytes))
  const text = readStrings(read, segments, entries)
  const paths = valuesOf(entries, tag.runpath).length > 0 ? tag.runpath : tag.rpath
  return {
    machine,
    needed: valuesOf(entries, tag.needed).map(text),
    runpath: valuesOf(entries, paths).flatMap((value) => text(value).split(':').filter(Boolean)),
  }
}

const readSegments = (read: Read, start: Buffer): Segment[] => {
  const size = start.readUInt16LE(header.segmentBytes)
  const count = Math.min(start.readUInt16LE(header.segmentCount), limits.segments)
  const table = read(Number(start.readBigUInt64LE(header.segments)), size * count)
  return Array.from({ length: count }, (_, index) => {
    const at = table.subarray(index * size)
    return {
      type: at.readUInt32LE(0),
      offset: Number(at.readBigUInt64LE(8)),
      address: Number(at.readBigUInt64LE(16)),
      bytes: Number(at.readBigUInt64LE(32)),
    }
  })
}

interface Entry {
  tag: number
  value: number
}

const readDynamic = (bytes: Buffer): Entry[] =>
  Array.from({ length: Math.floor(bytes.length / 16) }, (_, index) => ({
    tag: Number(bytes.readBigInt64LE(index * 16)),
    value: Number(bytes.readBigUInt64LE(index * 16 + 8)),
  }))

const valuesOf = (entries: Entry[], wanted: number): number[] =>
  entries.filter(({ tag }) => tag === wanted).map(({ value }) => value)

/** Strings are named by their place in a table, whose own place is an address in memory once loaded. */
const readStrings = (read: Read, segments: Segment[], entries: Entry[]): ((at: number) => string) => {
  const [address = 0] = valuesOf(entries, tag.strings)
  const [bytes = 0] = valuesOf(entries, tag.stringBytes)
  const home = segments.find(
    (segment) =>
      segment.type === segmentType.load && segment.address <= address && address < segment.address + segment.bytes,
  )
  if (!home || bytes > limits.stringBytes) return () => ''
  const table = read(home.offset + address - home.address, bytes)
  return (at) => table.toString('utf8', at, Math.max(at, table.indexOf(0, at)))
}
