import type { Range, Raster } from '../contract/tensor.ts'

/** A row-major matrix of `rows` × `columns`, and how it is counted in the whole it was taken from. */
export interface Matrix {
  data: Float32Array
  /** half-open ranges of the whole; `data` holds exactly these */
  rows: Range
  columns: Range
  /** rows and columns of the whole from here on are padding: shown, but outside the colour range */
  valid: { rows: number; columns: number }
}

export interface RasterSize {
  width: number
  height: number
  /** `extreme`: the value farthest from 0, which keeps thin lines of differences */
  pool: 'max' | 'mean' | 'extreme'
}

/**
 * Pools a matrix into at most `height` × `width` cells, never more than it has. NaN is left out of a cell; a cell of NaN alone is
 * NaN. `low` and `high` are those of the cells that touch no padding (of all, where every cell does).
 */
export const poolToRaster = (matrix: Matrix, { width, height, pool }: RasterSize): Raster => {
  const rows = edges(matrix.rows[1] - matrix.rows[0], height)
  const columns = edges(matrix.columns[1] - matrix.columns[0], width)
  const shape = { rows: rows.length - 1, columns: columns.length - 1 }
  const data = new Float32Array(shape.rows * shape.columns)
  const reduce = { max: greatest, mean, extreme: farthest }[pool]
  for (let row = 0; row < shape.rows; row++)
    for (let column = 0; column < shape.columns; column++)
      data[row * shape.columns + column] = reduce(
        matrix,
        [rows[row]!, rows[row + 1]!],
        [columns[column]!, columns[column + 1]!],
      )
  const audible = {
    rows: wholeCells(rows, matrix.valid.rows - matrix.rows[0]),
    columns: wholeCells(columns, matrix.valid.columns - matrix.columns[0]),
  }
  return {
    ...shape,
    data,
    source: { rows: matrix.rows, columns: matrix.columns },
    ...finiteRange(data, shape, audible),
  }
}

/** How many of `cells` over a half-open range end at or before `valid`; all of them where none does. */
export const cellsBefore = ([start, end]: Range, cells: number, valid: number): number =>
  wholeCells(edges(end - start, cells), valid - start)

/** Where cells begin and end: `count` entries shared among at most `cells` of them, each whole. */
const edges = (count: number, cells: number): number[] => {
  const used = Math.min(cells, count)
  return Array.from({ length: used + 1 }, (_, i) => Math.floor((i * count) / Math.max(1, used)))
}

/** Cells that end at or before `valid`; all of them where there is none. */
const wholeCells = (bounds: number[], valid: number): number => {
  const whole = bounds.filter((end, i) => i > 0 && end <= valid).length
  return whole > 0 ? whole : bounds.length - 1
}

const greatest = ({ data, columns }: Matrix, rows: Range, [start, end]: Range): number => {
  const stride = columns[1] - columns[0]
  let best = NaN
  for (let row = rows[0]; row < rows[1]; row++)
    for (let i = row * stride + start; i < row * stride + end; i++)
      if (!(data[i]! <= best) && data[i] === data[i]) best = data[i]!
  return best
}

const farthest = ({ data, columns }: Matrix, rows: Range, [start, end]: Range): number => {
  const stride = columns[1] - columns[0]
  let best = NaN
  for (let row = rows[0]; row < rows[1]; row++)
    for (let i = row * stride + start; i < row * stride + end; i++)
      if (!(Math.abs(data[i]!) <= Math.abs(best)) && data[i] === data[i]) best = data[i]!
  return best
}

const mean = ({ data, columns }: Matrix, rows: Range, [start, end]: Range): number => {
  const stride = columns[1] - columns[0]
  let sum = 0
  let count = 0
  for (let row = rows[0]; row < rows[1]; row++)
    for (let i = row * stride + start; i < row * stride + end; i++) {
      if (data[i] !== data[i]) continue
      sum += data[i]!
      count++
    }
  return sum / count
}

const finiteRange = (
  data: Float32Array,
  { columns }: { columns: number },
  audible: { rows: number; columns: number },
) => {
  let low = Infinity
  let high = -Infinity
  for (let row = 0; row < audible.rows; row++)
    for (let i = row * columns; i < row * columns + audible.columns; i++) {
      const value = data[i]!
      if (!Number.isFinite(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  return low <= high ? { low, high } : { low: 0, high: 0 }
}

/** The index with the greatest value; the first of several, 0 where there is none. NaN is never it. */
export const indexOfMost = (values: ArrayLike<number>): number => {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]! || Number.isNaN(values[best])) best = i
  return best
}
