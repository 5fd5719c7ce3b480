import type { RegionRow } from '../../contract/regions.ts'
import { readHertz, readName, readTimes, type ReadRegions } from './row.ts'

/** Headers of the columns that mean something to us, in lower case; of several the first that is there counts. */
export interface TableHeaders {
  start: string[]
  end: string[]
  name: string[]
  low: string[]
  high: string[]
}

export interface TableLine {
  /** counted from 1 */
  line: number
  cells: string[]
}

/** Rows of a table with a header; columns that mean nothing to us are kept as they are. Throws an Error with a sentence for a missing one. */
export const readTable = (header: string[], lines: Iterable<TableLine>, headers: TableHeaders): ReadRegions => {
  const lower = header.map((cell) => cell.trim().toLowerCase())
  const columnOf = (names: string[]): number =>
    names.map((name) => lower.indexOf(name)).find((column) => column >= 0) ?? -1
  const columns = {
    start: columnOf(headers.start),
    end: columnOf(headers.end),
    name: columnOf(headers.name),
    low: columnOf(headers.low),
    high: columnOf(headers.high),
  }
  const missing = ([['start'], ['end']] as const).flatMap(([key]) => (columns[key] < 0 ? [headers[key][0]!] : []))
  if (missing.length > 0) {
    const there = header.map((cell) => cell.trim()).filter(Boolean)
    throw new Error(
      `the table has no column ${missing.join(' and no column ')}; it has ${there.slice(0, 12).join(', ') || 'none'}`,
    )
  }
  const used = new Set(Object.values(columns))
  const others = header.flatMap((cell, i) =>
    used.has(i) || !cell.trim() ? [] : [[i, cell.trim().slice(0, 1000)] as const],
  )
  const rows: RegionRow[] = []
  const problems: string[] = []
  for (const { line, cells } of lines) {
    const times = readTimes(cells[columns.start], cells[columns.end])
    const low = readHertz(cells[columns.low], 'low frequency')
    const high = readHertz(cells[columns.high], 'high frequency')
    const wrong = [times, low, high].find((value) => typeof value === 'string')
    if (wrong !== undefined || typeof times === 'string' || typeof low === 'string' || typeof high === 'string') {
      problems.push(`line ${line}: ${String(wrong)}`)
      continue
    }
    const more = others.flatMap(([i, name]): [string, string][] => {
      const cell = cells[i]?.trim().slice(0, 10_000) ?? ''
      return cell === '' ? [] : [[name, cell]]
    })
    rows.push({ start: times[0], end: times[1], name: readName(cells[columns.name]), low, high, more })
  }
  return { rows, problems, notes: [] }
}

/** Headers of the kept columns of all rows, those named left out, in the order in which they first stand. */
export const keptColumns = (rows: readonly RegionRow[], without: readonly string[]): string[] => [
  ...new Set(rows.flatMap(({ more }) => more.map(([name]) => name)).filter((name) => !without.includes(name))),
]

export const keptCell = (row: RegionRow, column: string): string =>
  row.more.find(([name]) => name === column)?.[1] ?? ''
