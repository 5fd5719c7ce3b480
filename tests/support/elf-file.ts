/** The smallest shared library that names what it wants: real enough for Linux's own loader, and made without a compiler. */
export const makeElf = ({
  needed = [],
  runpath = '',
  machine = process.arch === 'arm64' ? 183 : 62,
}: {
  needed?: string[]
  runpath?: string
  machine?: number
} = {}): Buffer => {
  const strings = Buffer.from(['', ...needed, runpath, ''].join('\0'))
  const place = (text: string): number => strings.indexOf(`\0${text}\0`) + 1
  const at = { hash: 232, symbols: 248, strings: 272, dynamic: 272 + Math.ceil(strings.length / 8) * 8 }
  // DT_NEEDED, DT_RUNPATH; DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT; DT_NULL
  const entries = [
    ...needed.map((name) => [1, place(name)]),
    ...(runpath ? [[29, place(runpath)]] : []),
    ...[[4, at.hash], [5, at.strings], [6, at.symbols], [10, strings.length], [11, 24], [0, 0]], // prettier-ignore
  ]
  const bytes = Buffer.alloc(at.dynamic + entries.length * 16)
  writeHeader(bytes, machine)
  // everything is loaded, and may be written: the loader keeps addresses in the dynamic section
  writeSegment(bytes, 0, { type: 1, offset: 0, length: bytes.length })
  writeSegment(bytes, 1, { type: 2, offset: at.dynamic, length: entries.length * 16 })
  // PT_GNU_STACK: no stack that can be executed
  writeSegment(bytes, 2, { type: 0x6474e551, offset: 0, length: 0 })
  // one bucket, one symbol: the one without a name
  bytes.writeUInt32LE(1, at.hash)
  bytes.writeUInt32LE(1, at.hash + 4)
  strings.copy(bytes, at.strings)
  for (const [index, [tag = 0, value = 0]] of entries.entries()) {
    bytes.writeBigInt64LE(BigInt(tag), at.dynamic + index * 16)
    bytes.writeBigUInt64LE(BigInt(value), at.dynamic + index * 16 + 8)
  }
  return bytes
}

const headerBytes = 64
const segmentBytes = 56

const writeHeader = (bytes: Buffer, machine: number): void => {
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.writeUInt16LE(3, 16) // a shared library
  bytes.writeUInt16LE(machine, 18)
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(BigInt(headerBytes), 32)
  bytes.writeUInt16LE(headerBytes, 52)
  bytes.writeUInt16LE(segmentBytes, 54)
  bytes.writeUInt16LE(3, 56)
  bytes.writeUInt16LE(64, 58)
}

const writeSegment = (
  bytes: Buffer,
  index: number,
  { type, offset, length }: { type: number; offset: number; length: number },
): void => {
  const at = headerBytes + index * segmentBytes
  bytes.writeUInt32LE(type, at)
  bytes.writeUInt32LE(6, at + 4) // read and write
  for (const place of [8, 16, 24]) bytes.writeBigUInt64LE(BigInt(offset), at + place)
  for (const place of [32, 40]) bytes.writeBigUInt64LE(BigInt(length), at + place)
  bytes.writeBigUInt64LE(type === 1 ? 0x1000n : 8n, at + 48)
}
