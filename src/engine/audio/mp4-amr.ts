import { open } from 'node:fs/promises'

/** More boxes than this before the one that describes the sound: not worth the search. */
const mostBoxes = 1000
/** The tables of samples, which are long, come behind the description. */
const describedWithin = 65_536

/** Whether an MP4 or 3GP file describes its sound as AMR ("samr", "sawb"): its boxes are walked as far as `moov` (ISO 14496-12). */
export const holdsAmr = async (path: string): Promise<boolean> => {
  const file = await open(path, 'r')
  try {
    const head = Buffer.alloc(16)
    for (let at = 0, boxes = 0; boxes < mostBoxes; boxes++) {
      const { bytesRead } = await file.read(head, 0, 16, at)
      if (bytesRead < 8) return false
      const short = head.readUInt32BE(0)
      const size = short === 1 && bytesRead === 16 ? Number(head.readBigUInt64BE(8)) : short
      if (head.toString('latin1', 4, 8) === 'moov') {
        const { buffer } = await file.read(Buffer.alloc(describedWithin), 0, describedWithin, at)
        return buffer.includes('samr') || buffer.includes('sawb')
      }
      if (size < 8) return false
      at += size
    }
    return false
  } finally {
    await file.close()
  }
}
