import { crc32, deflateSync } from 'node:zlib'

/** Writing PNG files (W3C PNG, third edition): enough for rasters, and for adding chunks to a finished file. */

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const headerEnd = signature.length + 25

export const pngChunk = (type: string, body: Uint8Array): Buffer => {
  const out = Buffer.alloc(12 + body.length)
  out.writeUInt32BE(body.length, 0)
  out.write(type, 4, 'latin1')
  out.set(body, 8)
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length)
  return out
}

/** A whole file of 8-bit samples: colour type 3 (palette) or 6 (RGBA), with `chunks` between header and end. */
export const pngFile = (width: number, height: number, colourType: 3 | 6, chunks: Buffer[]): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, colourType, 0, 0, 0], 8)
  return Buffer.concat([signature, pngChunk('IHDR', header), ...chunks, pngChunk('IEND', Buffer.alloc(0))])
}

/** RGBA pixels, row 0 at the top, as an 8-bit PNG file. */
export const encodePng = (pixels: Uint8ClampedArray, width: number, height: number): Buffer => {
  const rows = Buffer.alloc(height * (1 + 4 * width)) // every row begins with its filter: 0, none
  for (let y = 0; y < height; y++)
    rows.set(pixels.subarray(4 * width * y, 4 * width * (y + 1)), y * (1 + 4 * width) + 1)
  return pngFile(width, height, 6, [pngChunk('IDAT', deflateSync(rows, { level: 6 }))])
}

/** The same picture with its resolution (`pHYs`, whole pixels per metre) and UTF-8 text (`iTXt`) said in the file. */
export const describePng = (png: Uint8Array, dpi: number, texts: Record<string, string>): Buffer => {
  const perMetre = Math.round(dpi / 0.0254)
  const physical = Buffer.alloc(9)
  physical.writeUInt32BE(perMetre, 0)
  physical.writeUInt32BE(perMetre, 4)
  physical[8] = 1
  const notes = Object.entries(texts).map(([keyword, text]) =>
    pngChunk('iTXt', Buffer.concat([Buffer.from(keyword, 'latin1'), Buffer.alloc(5), Buffer.from(text, 'utf8')])),
  )
  return Buffer.concat([png.subarray(0, headerEnd), pngChunk('pHYs', physical), ...notes, png.subarray(headerEnd)])
}
