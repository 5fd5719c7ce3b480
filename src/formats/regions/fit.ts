import type { RegionRow } from '../../contract/regions.ts'
import { rowsAsKept, type RegionFormat, type RegionsOf } from './file.ts'
import { rowsOfFile } from './file-offset.ts'
import type { ReadRegions } from './row.ts'

/** an end this far past the recording is rounding, in seconds */
const tolerance = 0.1

const shown = (seconds: number): string => `${seconds.toFixed(3)} s`

/**
 * Of rows that were read those to add to the list of a recording: cut at its end, and without those of other files and those that are `known`
 * already. What is cut or left out is said in `problems` and `notes`.
 */
export const fitRows = (
  { rows, problems, notes, format }: ReadRegions & { format: RegionFormat },
  { of, known }: { of: RegionsOf; known: readonly RegionRow[] },
): ReadRegions => {
  const own = format === 'raven' ? rowsOfFile(rows, of) : rows
  const said = [...problems]
  const cut = own.flatMap((row) => {
    if (row.end <= of.seconds) return [row]
    const what = `${row.name || 'a region'} at ${shown(row.start)}`
    const reaches = `the recording ends at ${shown(of.seconds)}`
    if (row.start >= of.seconds) {
      said.push(`${what} is left out: ${reaches}`)
      return []
    }
    if (row.end > of.seconds + tolerance) said.push(`${what} is cut: it ends at ${shown(row.end)}, ${reaches}`)
    return [{ ...row, end: of.seconds }]
  })
  const there = keysOf(known, format, of)
  const fresh = cut.filter((row) => !there.has(keyOf(row)))
  const [others, again] = [rows.length - own.length, cut.length - fresh.length]
  const more = [
    ...(others > 0 ? [`${others} ${others === 1 ? 'row is of another file' : 'rows are of other files'}`] : []),
    ...(again > 0 ? [`${again} ${again === 1 ? 'is' : 'are'} in the list already`] : []),
  ]
  return { rows: fresh, problems: said, notes: [...notes, ...more] }
}

/** Keys of regions as they are, and of what a file of that format that they were written to would say of them. */
const keysOf = (known: readonly RegionRow[], format: RegionFormat, of: RegionsOf): Set<string> => {
  const kept = rowsAsKept(format, known, of)
  const own = format === 'raven' ? rowsOfFile(kept, of) : kept
  return new Set([...known, ...own.map((row) => ({ ...row, end: Math.min(row.end, of.seconds) }))].map(keyOf))
}

/** Two regions are the same where all is the same that they say; the order of their columns says nothing. */
const keyOf = ({ start, end, name, low, high, more }: RegionRow): string => {
  const cells = more.filter((cell) => !isPlace(cell)).map((cell) => JSON.stringify(cell))
  return JSON.stringify([start, end, name, low, high, ...cells.sort()])
}

/** Whether a column says where in its file a row stood, which tells nothing of the region: its number, or the tier in which `writeTextGrid` had room. */
const isPlace = ([column, cell]: readonly [string, string]): boolean =>
  (column === 'Selection' && /^\d+$/.test(cell)) || (column === 'Tier' && /^(regions( \d+)?|marks)$/.test(cell))
