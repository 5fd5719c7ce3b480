import { fileNameOf } from '../../contract/recording.ts'
import type { RegionRow } from '../../contract/regions.ts'
import type { RegionsOf } from './file.ts'
import { shortSeconds } from './row.ts'
import { keptCell } from './table.ts'

const offset = 'File Offset (s)'

/** The name of the file in which a row of a Raven table begins; '' where it does not say. */
const fileOf = (row: RegionRow): string =>
  keptCell(row, 'Begin File') || keptCell(row, 'Begin Path').replace(/^.*[/\\]/, '')

/**
 * Rows of a Raven table over several files, of which the recording is one: its own, from its own start on, and those that name no file.
 * All as they are where none is its own.
 */
export const rowsOfFile = (
  rows: readonly RegionRow[],
  of: Pick<RegionsOf, 'name' | 'channel'>,
): readonly RegionRow[] => {
  const own = fileNameOf(of)
  if (!rows.some((row) => fileOf(row) === own)) return rows
  return rows.flatMap((row) => {
    const file = fileOf(row)
    if (file === '') return [row]
    return file === own ? [fromFileStart(row)] : []
  })
}

/** What becomes the start is kept no further: it would be wrong once the region is moved. */
const fromFileStart = (row: RegionRow): RegionRow => {
  const cell = keptCell(row, offset)
  const start = Number(cell)
  if (cell === '' || !Number.isFinite(start) || start < 0) return row
  const more = row.more.filter(([column]) => column !== offset)
  return { ...row, start, end: Number(shortSeconds(start + row.end - row.start)), more }
}
