import { open } from 'node:fs/promises'

/** A page is at most 65 307 bytes, so its beginning lies in this much of the end. */
const tailBytes = 70_000

/** False for an Ogg file that stops before or within the page marked as its last; true for whatever else. */
export const hasOggEnd = async (path: string, size: number): Promise<boolean> => {
  const file = await open(path, 'r')
  try {
    const head = await file.read(Buffer.alloc(4), 0, 4, 0)
    if (head.buffer.toString('latin1') !== 'OggS') return true
    const start = Math.max(0, size - tailBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, start)
    const tail = buffer.subarray(0, bytesRead)
    const page = tail.lastIndexOf('OggS')
    const segments = tail[page + 26]
    if (page < 0 || segments === undefined) return false
    const table = tail.subarray(page + 27, page + 27 + segments)
    const end = table.reduce((sum, length) => sum + length, page + 27 + segments)
    return (tail[page + 5]! & 4) !== 0 && end <= tail.length
  } finally {
    await file.close()
  }
}
