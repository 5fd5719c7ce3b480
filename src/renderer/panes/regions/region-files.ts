import type { RegionRow } from '../../../contract/regions.ts'
import type { Recording } from '../../../contract/recording.ts'
import {
  readRegionFile,
  regionFileName,
  regionFormatTitles,
  writeRegionFile,
  type RegionFormat,
} from '../../../formats/regions/file.ts'
import { saveFile } from '../../save-file.ts'
import { useNotices } from '../../stores/notices.ts'
import { useRegions, withId } from '../../stores/regions.ts'
import { useWorkspace } from '../../stores/workspace.ts'
import { timeText } from '../../timeline/time-text.ts'

/** Files of regions, in and out. */

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** Adds what a file has; what could not be read is said row by row. */
export const importRegions = async (recording: Recording, file: File): Promise<void> => {
  const [regions, notices] = [useRegions(), useNotices()]
  try {
    const { rows, problems, notes, format } = readRegionFile(file.name, new Uint8Array(await file.arrayBuffer()))
    const fitting = rows.flatMap((row) => fitted(row, recording, problems))
    const keyOf = ({ start, end, name }: RegionRow): string => `${start} ${end} ${name}`
    const known = new Set(regions.lists[recording.id]?.map(keyOf))
    const fresh = fitting.filter((row) => !known.has(keyOf(row)))
    const again = fitting.length - fresh.length
    if (again > 0) notes.push(`${again} ${again === 1 ? 'is' : 'are'} in the list already`)
    await regions.change(recording.id, fresh.map(withId))
    const title = regionFormatTitles[format]
    const taken = [`${counted(fresh.length, 'region')} of ${file.name} (${title})`, ...notes].join('; ')
    if (problems.length === 0) return notices.say('note', taken)
    regions.report = { file: file.name, taken, problems }
    useWorkspace().dialog = 'regions'
  } catch (error) {
    notices.fail(error)
  }
}

/** an end this far past the recording is rounding */
const tolerance = 0.1

const fitted = (row: RegionRow, { seconds }: Recording, problems: string[]): RegionRow[] => {
  if (row.end <= seconds) return [row]
  const what = `${row.name || 'a region'} at ${timeText(row.start)}`
  const reaches = `the recording ends at ${timeText(seconds)}`
  if (row.start >= seconds) {
    problems.push(`${what} is left out: ${reaches}`)
    return []
  }
  if (row.end > seconds + tolerance) problems.push(`${what} is cut: it ends at ${timeText(row.end)}, ${reaches}`)
  return [{ ...row, end: seconds }]
}

export const exportRegions = async (recording: Recording, format: RegionFormat): Promise<void> => {
  try {
    const text = writeRegionFile(format, useRegions().lists[recording.id] ?? [], recording)
    const bytes = new TextEncoder().encode(text)
    await saveFile({ name: regionFileName(recording.name, format), mime: 'text/plain', bytes })
  } catch (error) {
    useNotices().fail(error)
  }
}
