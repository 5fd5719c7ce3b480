import { tileColumns } from '../../../contract/spectrogram.ts'
import type { Range, Raster } from '../../../contract/tensor.ts'

/**
 * Tiles beside each other (contract/spectrogram.ts), and what stands in for those that are not there yet. A column of level L
 * covers two of level L − 1 exactly, so a coarser tile is repeated and a finer one pooled: nothing is ever drawn at another place.
 */

/** A tile that is at hand. */
export type TileAt = (level: number, tile: number) => Raster | undefined

/** The level whose columns are one to two pixels wide; 0, single frames, where those are wider. */
export const levelOf = (secondsPerPixel: number, secondsPerFrame: number): number =>
  Math.max(0, Math.ceil(Math.log2(secondsPerPixel / secondsPerFrame) - 1e-9))

/** Tiles [start, end) of a level that hold the frames. */
export const tilesOf = (frames: Range, level: number): Range => {
  const wide = tileColumns * 2 ** level
  return [Math.floor(frames[0] / wide), Math.max(Math.floor(frames[0] / wide) + 1, Math.ceil(frames[1] / wide))]
}

/** How far away a level may be to stand in: coarser ones are one tile each, finer ones many. */
const [mostCoarser, mostFiner] = [24, 4]

/**
 * Tiles [start, end) of a level as one raster, NaN where nothing is known. `frames` of the recording; its last column may reach behind
 * them. `missing`: how many are not the tiles themselves.
 */
export const joinTiles = (
  at: TileAt,
  level: number,
  tiles: Range,
  frames: number,
): { raster: Raster; missing: number } | null => {
  const wide = 2 ** level
  const all = Math.ceil(frames / wide)
  const first = tiles[0] * tileColumns
  const columns = Math.min(all, tiles[1] * tileColumns) - first
  const found = Array.from({ length: tiles[1] - tiles[0] }, (_, i) => at(level, tiles[0] + i))
  const parts = found.flatMap((raster, i): Part[] => {
    const begins = (tiles[0] + i) * tileColumns
    const ends = Math.min(all, begins + tileColumns)
    return raster ? [{ raster, times: 1, begins, ends }] : standIn(at, level, [begins, ends])
  })
  const like = parts[0]?.raster
  if (!like || columns <= 0) return null
  const data = new Float32Array(like.rows * columns).fill(NaN)
  for (const part of parts) lay(part, data, { rows: like.rows, columns, first })
  const source = { rows: like.source.rows, columns: [first * wide, (first + columns) * wide] as Range }
  const raster = { rows: like.rows, columns, data, source, ...finite(parts) }
  return { raster, missing: found.filter((one) => !one).length }
}

/** A raster laid from column `begins` to `ends` of a level; `times`: how many columns of the level one of its own covers. */
interface Part {
  raster: Raster
  times: number
  begins: number
  ends: number
}

/** The nearest coarser tile, or else what there is of finer ones. */
const standIn = (at: TileAt, level: number, [begins, ends]: Range): Part[] => {
  for (let up = 1; up <= mostCoarser; up++) {
    const raster = at(level + up, Math.floor(begins / tileColumns / 2 ** up))
    if (raster) return [{ raster, times: 2 ** up, begins, ends }]
  }
  for (let down = 1; down <= Math.min(level, mostFiner); down++) {
    const times = 2 ** -down
    const wide = tileColumns * times
    const parts = Array.from({ length: 2 ** down }, (_, i): Part[] => {
      const start = begins + i * wide
      const raster = at(level - down, start / wide)
      return raster && start < ends ? [{ raster, times, begins: start, ends: Math.min(ends, start + wide) }] : []
    }).flat()
    if (parts.length > 0) return parts
  }
  return []
}

const lay = (
  { raster, times, begins, ends }: Part,
  data: Float32Array,
  { rows, columns, first }: { rows: number; columns: number; first: number },
): void => {
  // the first column of the part's own level that it has
  const zero = Math.floor(begins / times / tileColumns) * tileColumns
  for (let row = 0; row < rows; row++)
    for (let column = begins; column < ends; column++) {
      const from = Math.floor(column / times) - zero
      const to = Math.max(from + 1, Math.ceil((column + 1) / times) - zero)
      let most = NaN
      for (let i = from; i < Math.min(to, raster.columns); i++) {
        const value = raster.data[row * raster.columns + i]!
        if (!(value <= most)) most = value
      }
      data[row * columns + column - first] = most
    }
}

const finite = (parts: Part[]): { low: number; high: number } => ({
  low: Math.min(...parts.map(({ raster }) => raster.low)),
  high: Math.max(...parts.map(({ raster }) => raster.high)),
})

/** The columns of a raster whose frames are in `frames`. */
export const cropped = (raster: Raster, frames: Range): Raster => {
  const [from, to] = raster.source.columns
  const wide = (to - from) / raster.columns
  const start = Math.min(raster.columns - 1, Math.max(0, Math.floor((frames[0] - from) / wide)))
  const end = Math.min(raster.columns, Math.max(start + 1, Math.ceil((frames[1] - from) / wide)))
  if (start === 0 && end === raster.columns) return raster
  const columns = end - start
  const data = new Float32Array(raster.rows * columns)
  for (let row = 0; row < raster.rows; row++)
    data.set(raster.data.subarray(row * raster.columns + start, row * raster.columns + end), row * columns)
  const source = { rows: raster.source.rows, columns: [from + start * wide, from + end * wide] as Range }
  return { ...raster, columns, data, source }
}
