import type { Raster } from '../../../contract/tensor.ts'

/** The pooled row or column that entry `i` of `count` went into (signal/reduce.ts shares them out by whole entries). */
export const cellOf = (i: number, count: number, cells: number): number => Math.ceil(((i + 1) * cells) / count) - 1

/** How many entries a cell is the mean of. */
export const entriesIn = (cell: number, count: number, cells: number): number =>
  Math.floor(((cell + 1) * count) / cells) - Math.floor((cell * count) / cells)

/** The value of the cell that holds a source row and column (counted in the whole), and of how many rows it is the mean; null outside. */
export const cellAt = (
  { data, rows, columns, source }: Raster,
  row: number,
  column: number,
): { value: number; rows: number } | null => {
  const [i, j] = [row - source.rows[0], column - source.columns[0]]
  const [height, width] = [source.rows[1] - source.rows[0], source.columns[1] - source.columns[0]]
  if (i < 0 || i >= height || j < 0 || j >= width) return null
  const cell = cellOf(i, height, rows)
  return { value: data[cell * columns + cellOf(j, width, columns)]!, rows: entriesIn(cell, height, rows) }
}
