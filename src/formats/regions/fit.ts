import type { RegionRow } from '../../contract/regions.ts'

/** an end this far past the recording is rounding, in seconds */
const tolerance = 0.1

const shown = (seconds: number): string => `${seconds.toFixed(3)} s`

/**
 * Of rows that were read those to add to a recording of `seconds`: cut at its end, and without those that are `known` already. What is cut or left out is said
 * in `problems` and `notes`.
 */
export const fitRows = (
  { rows, problems, notes }: { rows: readonly RegionRow[]; problems: readonly string[]; notes: readonly string[] },
  { seconds, known }: { seconds: number; known: readonly RegionRow[] },
): { rows: RegionRow[]; problems: string[]; notes: string[] } => {
  const said = [...problems]
  const keyOf = ({ start, end, name }: RegionRow): string => `${start} ${end} ${name}`
  const there = new Set(known.map(keyOf))
  const cut = rows.flatMap((row) => {
    if (row.end <= seconds) return [row]
    const what = `${row.name || 'a region'} at ${shown(row.start)}`
    const reaches = `the recording ends at ${shown(seconds)}`
    if (row.start >= seconds) {
      said.push(`${what} is left out: ${reaches}`)
      return []
    }
    if (row.end > seconds + tolerance) said.push(`${what} is cut: it ends at ${shown(row.end)}, ${reaches}`)
    return [{ ...row, end: seconds }]
  })
  const fresh = cut.filter((row) => !there.has(keyOf(row)))
  const again = cut.length - fresh.length
  const note = `${again} ${again === 1 ? 'is' : 'are'} in the list already`
  return { rows: fresh, problems: said, notes: again > 0 ? [...notes, note] : [...notes] }
}
