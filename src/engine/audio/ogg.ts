import { concat } from '../../formats/concat.ts'

/** Ogg pages (RFC 3533), as far as the packets of one logical stream. */

export interface OggPacket {
  bytes: Uint8Array
  /** granule position of the page, for the last packet that ends on it; else null */
  granule: bigint | null
  /** the page is marked as the stream's last */
  last: boolean
}

const magic = 0x4f676753

/** Packets of the first logical stream, in order; ends where a page is damaged or cut off. */
export function* oggPackets(file: Uint8Array): Generator<OggPacket> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let serial: number | null = null
  let parts: Uint8Array[] = []
  for (let at = 0; at + 27 <= file.length && view.getUint32(at) === magic;) {
    const segments = view.getUint8(at + 26)
    const table = file.subarray(at + 27, at + 27 + segments)
    let from = at + 27 + segments
    const end = table.reduce((sum, length) => sum + length, from)
    if (table.length < segments || end > file.length) return
    const stream = view.getUint32(at + 14, true)
    serial ??= stream
    if (stream === serial) {
      const flags = view.getUint8(at + 5)
      if (!(flags & 1)) parts = []
      const lastEnd = table.findLastIndex((length) => length < 255)
      for (let i = 0; i < segments; i++) {
        parts.push(file.subarray(from, from + table[i]!))
        from += table[i]!
        if (table[i] === 255) continue
        const granule = i === lastEnd ? view.getBigInt64(at + 6, true) : null
        yield { bytes: parts.length === 1 ? parts[0]! : concat(parts), granule, last: (flags & 4) !== 0 }
        parts = []
      }
    }
    at = end
  }
}
