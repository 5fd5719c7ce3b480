import type { RegionRow } from '../../contract/regions.ts'
import { writeCsv } from '../csv.ts'
import { shortSeconds, type ReadRegions } from './row.ts'
import { keptCell, keptColumns, readTable, type TableLine } from './table.ts'

/** Comma-separated values with a header: start, end, name, and low, high where frequencies are known; other columns are kept. */

export const readCsv = (text: string): ReadRegions => {
  const lines = cellsOf(text)
  const { value: header } = lines.next()
  const rest = defused(lines)
  return readTable(header?.cells ?? [], rest, {
    start: ['start', 'begin', 'onset', 'start (s)', 'start_s', 'start time', 'start time (s)'],
    end: ['end', 'stop', 'offset', 'end (s)', 'end_s', 'end time', 'end time (s)'],
    name: ['name', 'label', 'annotation', 'text', 'common name'],
    low: ['low', 'low (hz)', 'low_hz'],
    high: ['high', 'high (hz)', 'high_hz'],
  })
}

/** What `writeCsv` puts before text that a spreadsheet would take for a formula is taken away again. */
function* defused(lines: Iterable<TableLine>): Generator<TableLine> {
  for (const { line, cells } of lines) yield { line, cells: cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r])/, '')) }
}

const separatorOf = (text: string): string => {
  const header = /^[^\r\n]*/.exec(text.trimStart())![0]
  return [',', ';', '\t'].find((mark) => header.includes(mark)) ?? ','
}

/** Lines that hold anything, cell by cell, as RFC 4180 quotes them; separated as the header is: by commas, semicolons or tabs. */
function* cellsOf(text: string): Generator<TableLine, undefined> {
  const separator = separatorOf(text)
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"[^${separator}\\r\\n]*|([^${separator}\\r\\n]*))(${separator}|\\r\\n|\\r|\\n|$)`,
    'y',
  )
  let [line, first, cells] = [1, 1, [] as string[]]
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text)
    // an opened quote that never closes: the rest is one cell
    if (!found) return
    const value = found[1]?.replaceAll('""', '"') ?? found[2] ?? ''
    cells.push(value)
    line += value.match(/\r\n|\r|\n/g)?.length ?? 0
    if (found[3] === separator && cell.lastIndex < text.length) continue
    if (cells.some((one) => one.trim() !== '')) yield { line: first, cells }
    first = ++line
    cells = []
  }
}

export const writeCsvTable = (rows: readonly RegionRow[]): string => {
  const hasHertz = rows.some(({ low, high }) => low !== null || high !== null)
  const others = keptColumns(rows, [])
  const header = ['start', 'end', 'name', ...(hasHertz ? ['low', 'high'] : []), ...others]
  return writeCsv(
    header,
    rows.map((row) => [
      Number(shortSeconds(row.start)),
      Number(shortSeconds(row.end)),
      row.name,
      ...(hasHertz ? [row.low, row.high] : []),
      ...others.map((column) => keptCell(row, column)),
    ]),
  )
}
