import type { HeardPart, Hearing } from '../../../contract/engine.ts'
import type { Range } from '../../../contract/tensor.ts'
import { gainAt } from '../../../signal/gain.ts'
import { bandPlaceOf, patchMask } from '../../../signal/patch-mask.ts'
import { pixelAt, secondsAtPixel, type Scale } from '../../timeline/geometry.ts'

/** The mask through which a row of attention is heard, over a spectrogram. */

type Mask = Pick<Hearing, 'gain' | 'grid' | 'patches'>

/** Gains [row, column] of pixels, the highest row first; `hertz` of every row, `seconds` of every column. */
export const pixelGains = (
  { gain, grid, patches }: Mask,
  hertz: Float32Array,
  seconds: Float64Array,
  isRest: boolean,
): Float32Array => {
  const out = new Float32Array(hertz.length * seconds.length)
  const stepOf = (at: number): number => (at - grid.start) / grid.step
  const places = patches && Float64Array.from(hertz, bandPlaceOf(patches.centres, patches.layout, patches.bands))
  const mask = patches && places && patchMask(patches, places, stepOf, isRest ? 1 : 0)
  const column = new Float64Array(hertz.length)
  for (const [x, at] of seconds.entries()) {
    if (mask) mask(at, column)
    else column.fill(gainAt(gain, stepOf(at)))
    for (let row = 0; row < hertz.length; row++) out[row * seconds.length + x] = column[row]!
  }
  return out
}

/** Hertz in the middle of each of so many pixel rows, from the top, of a picture whose rows, the lowest first, have `centres`. */
export const rowHertz = (centres: Float32Array, rows: number): Float32Array =>
  Float32Array.from({ length: rows }, (_, row) => {
    const place = Math.min(centres.length - 1, Math.max(0, ((rows - row - 0.5) / rows) * centres.length - 0.5))
    const [below, above] = [centres[Math.floor(place)] ?? 0, centres[Math.ceil(place)] ?? 0]
    return below + (above - below) * (place - Math.floor(place))
  })

/** how dark silence is drawn, of 255 */
const veil = 205

/** The darker, the quieter; a white line stands where half the amplitude is left. Null where nothing of the region is in view. */
export const maskPicture = (
  heard: Mask & { query: { readonly part: HeardPart } },
  centres: Float32Array,
  scale: Scale,
  region: Range,
  height: number,
): { picture: HTMLCanvasElement; left: number } | null => {
  const [left, right] = [Math.max(0, pixelAt(scale, region[0])), Math.min(scale.pixels, pixelAt(scale, region[1]))]
  const width = Math.round(right - left)
  if (width <= 0 || height <= 0) return null
  const seconds = Float64Array.from({ length: width }, (_, x) => secondsAtPixel(scale, left + x + 0.5))
  const gains = pixelGains(heard, rowHertz(centres, height), seconds, heard.query.part === 'rest')
  const image = new ImageData(width, height)
  // alpha, blue, green, red: every machine this runs on is little-endian
  const pixels = new Uint32Array(image.data.buffer)
  for (let i = 0; i < gains.length; i++) {
    const isLoud = gains[i]! >= 0.5
    const differs = (other: number): boolean => gains[other]! >= 0.5 !== isLoud
    const onLine = (i % width > 0 && differs(i - 1)) || (i >= width && differs(i - width))
    pixels[i] = onLine ? 0xffffffff : Math.round((1 - gains[i]!) * veil) << 24
  }
  const picture = document.createElement('canvas')
  Object.assign(picture, { width, height })
  picture.getContext('2d')!.putImageData(image, 0, 0)
  return { picture, left }
}
