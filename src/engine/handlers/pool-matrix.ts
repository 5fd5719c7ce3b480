import type { Range, Raster } from '../../contract/tensor.ts'

/** A matrix to be shown: `at(row, column)` for rows and columns of `source`, half-open. */
export interface Matrix {
  source: { rows: Range; columns: Range }
  at(row: number, column: number): number
  /** columns from here on are padding: shown, but outside the colour range */
  validColumns: number
}

/**
 * Pools a matrix into at most `height` × `width` cells. `max` keeps the value farthest from zero with its sign: hidden states are
 * as interesting below zero as above.
 */
export const poolMatrix = (
  { source, at, validColumns }: Matrix,
  size: { width: number; height: number },
  pool: 'max' | 'mean',
): Raster => {
  const rows = edges(source.rows, size.height)
  const columns = edges(source.columns, size.width)
  const shape = { rows: rows.length - 1, columns: columns.length - 1 }
  const data = new Float32Array(shape.rows * shape.columns)
  for (let row = 0; row < shape.rows; row++) {
    for (let column = 0; column < shape.columns; column++) {
      const cell = { rows: pairAt(rows, row), columns: pairAt(columns, column) }
      data[row * shape.columns + column] = pool === 'mean' ? mean(at, cell) : farthest(at, cell)
    }
  }
  return { ...shape, data, source, ...colourRange(source, at, validColumns) }
}

type Cell = Matrix['source']

/** Where output cells begin and end: whole source cells, at most `count` of them. */
const edges = ([start, end]: Range, count: number): number[] => {
  const cells = Math.min(count, end - start)
  return Array.from({ length: cells + 1 }, (_, i) => start + Math.floor((i * (end - start)) / cells))
}

const pairAt = (list: number[], i: number): Range => [list[i]!, list[i + 1]!]

const mean = (at: Matrix['at'], { rows, columns }: Cell): number => {
  let sum = 0
  for (let row = rows[0]; row < rows[1]; row++)
    for (let column = columns[0]; column < columns[1]; column++) sum += at(row, column)
  return sum / ((rows[1] - rows[0]) * (columns[1] - columns[0]))
}

const farthest = (at: Matrix['at'], { rows, columns }: Cell): number => {
  let best = 0
  for (let row = rows[0]; row < rows[1]; row++)
    for (let column = columns[0]; column < columns[1]; column++) {
      const value = at(row, column)
      if (Math.abs(value) > Math.abs(best)) best = value
    }
  return best
}

/** Least and greatest finite value outside padding; of everything where there is nothing else. */
const colourRange = (
  { rows, columns }: Cell,
  at: Matrix['at'],
  validColumns: number,
): { low: number; high: number } => {
  const end = Math.min(columns[1], validColumns) > columns[0] ? Math.min(columns[1], validColumns) : columns[1]
  let [low, high] = [Infinity, -Infinity]
  for (let row = rows[0]; row < rows[1]; row++)
    for (let column = columns[0]; column < end; column++) {
      const value = at(row, column)
      if (!Number.isFinite(value)) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  return low <= high ? { low, high } : { low: 0, high: 0 }
}
