import { deflateSync } from 'node:zlib'
import { Resvg, type ResvgRenderOptions } from '@resvg/resvg-js'
import { pngChunk, pngFile } from '../src/engine/export/png.ts'

/** PNG files small enough for a README: 256 colours chosen from the picture, which maps and text both survive. */

interface Pixels {
  width: number
  height: number
  /** RGBA, row 0 at the top */
  data: Uint8Array
}

export const pixelsOf = (svg: string, options: ResvgRenderOptions = {}): Pixels => {
  const image = new Resvg(svg, options).render()
  return { width: image.width, height: image.height, data: image.pixels }
}

/** resvg reads PNG, so a finished one becomes pixels by being drawn. */
export const pixelsOfPng = (png: Buffer): Pixels => {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const href = `data:image/png;base64,${png.toString('base64')}`
  return pixelsOf(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><image href="${href}" width="${width}" height="${height}" image-rendering="optimizeSpeed"/></svg>`,
  )
}

/** a colour of five bits per channel, how often it occurs, and its three channels */
type Bucket = { key: number; count: number; rgb: [number, number, number] }

const keyAt = (data: Uint8Array, i: number): number =>
  ((data[i]! >> 3) << 10) | ((data[i + 1]! >> 3) << 5) | (data[i + 2]! >> 3)

/** The picture's colours at five bits per channel, each with the mean of what it stands for. */
const bucketsOf = (data: Uint8Array): Bucket[] => {
  const counts = new Float64Array(4 << 15)
  for (let i = 0; i < data.length; i += 4) {
    const at = keyAt(data, i) * 4
    counts[at]! += 1
    for (let c = 0; c < 3; c++) counts[at + 1 + c]! += data[i + c]!
  }
  return Array.from({ length: 1 << 15 }, (_, key) => key).flatMap((key) => {
    const [count = 0, r = 0, g = 0, b = 0] = counts.subarray(key * 4, key * 4 + 4)
    return count > 0 ? [{ key, count, rgb: [r / count, g / count, b / count] as [number, number, number] }] : []
  })
}

/** The channel in which a box of colours is widest, and how wide: how often they occur does not count, or gradients would band. */
const widest = (box: Bucket[]): { channel: number; width: number } => {
  const widths = [0, 1, 2].map((c) => {
    const values = box.map((one) => one.rgb[c]!)
    return Math.max(...values) - Math.min(...values)
  })
  const width = Math.max(...widths)
  return { channel: widths.indexOf(width), width }
}

/** Median cut: the widest box is split at its median until there are enough. */
const boxesOf = (buckets: Bucket[], most: number): Bucket[][] => {
  const boxes = [{ box: buckets, ...widest(buckets) }]
  while (boxes.length < most) {
    boxes.sort((a, b) => b.width - a.width)
    const { box, channel } = boxes.shift()!
    if (box.length < 2) return [box, ...boxes.map((one) => one.box)]
    const sorted = box.toSorted((a, b) => a.rgb[channel]! - b.rgb[channel]!)
    const half = sorted.reduce((sum, one) => sum + one.count, 0) / 2
    let seen = 0
    const cut = sorted.findIndex((one) => (seen += one.count) >= half)
    const at = Math.min(sorted.length - 1, Math.max(1, cut))
    for (const part of [sorted.slice(0, at), sorted.slice(at)]) boxes.push({ box: part, ...widest(part) })
  }
  return boxes.map((one) => one.box)
}

export const smallPng = ({ width, height, data }: Pixels): Buffer => {
  const boxes = boxesOf(bucketsOf(data), 256)
  const indexOf = new Uint8Array(1 << 15)
  const palette = Buffer.alloc(boxes.length * 3)
  boxes.forEach((box, index) => {
    const count = box.reduce((sum, one) => sum + one.count, 0)
    for (const one of box) indexOf[one.key] = index
    for (let c = 0; c < 3; c++)
      palette[index * 3 + c] = Math.round(box.reduce((sum, one) => sum + one.rgb[c]! * one.count, 0) / count)
  })
  const rows = Buffer.alloc(height * (1 + width)) // every row begins with its filter: 0, none
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (1 + width) + 1 + x] = indexOf[keyAt(data, 4 * (y * width + x))]!
  return pngFile(width, height, 3, [pngChunk('PLTE', palette), pngChunk('IDAT', deflateSync(rows, { level: 9 }))])
}
