import { expect, test } from 'vitest'
import { cellAt, cellOf, entriesIn } from '../../../../src/renderer/panes/hidden/cells.ts'
import { poolToRaster } from '../../../../src/signal/reduce.ts'

/** 7 rows × 5 columns, each value its row · 10 + column, pooled: beside what the pooling itself does. */
const [rows, columns] = [7, 5]
const data = Float32Array.from({ length: rows * columns }, (_, i) => Math.floor(i / columns) * 10 + (i % columns))

test.each([
  [7, 5],
  [3, 5],
  [4, 2],
  [1, 1],
])('a row and a column are found in %i × %i cells', (height, width) => {
  const matrix = { data, rows: [100, 107], columns: [50, 55], valid: { rows: 107, columns: 55 } }
  const raster = poolToRaster({ ...matrix, rows: [100, 107], columns: [50, 55] }, { width, height, pool: 'max' })
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const cell = cellAt(raster, 100 + row, 50 + column)!
      // the greatest of a cell is its last entry, which lies in the same cell
      const [lastRow, lastColumn] = [Math.floor(cell.value / 10), cell.value % 10]
      expect(cellOf(lastRow, rows, height)).toBe(cellOf(row, rows, height))
      expect(cellOf(lastColumn, columns, width)).toBe(cellOf(column, columns, width))
      expect(lastRow).toBeGreaterThanOrEqual(row)
      expect(cell.rows).toBe(entriesIn(cellOf(row, rows, height), rows, height))
    }
  expect(cellAt(raster, 99, 50)).toBeNull()
  expect(cellAt(raster, 100, 55)).toBeNull()
})
