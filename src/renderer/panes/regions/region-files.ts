import type { Recording } from '../../../contract/recording.ts'
import {
  readRegionFile,
  regionFileName,
  regionFormatTitles,
  writeRegionFile,
  type RegionFormat,
} from '../../../formats/regions/file.ts'
import { fitRows } from '../../../formats/regions/fit.ts'
import { saveFile } from '../../save-file.ts'
import { useNotices } from '../../stores/notices.ts'
import { useRegions, withId } from '../../stores/regions.ts'
import { useWorkspace } from '../../stores/workspace.ts'

/** Adds what a file has; what could not be read is said row by row. */
export const importRegions = async (recording: Recording, file: File): Promise<void> => {
  const [regions, notices] = [useRegions(), useNotices()]
  try {
    const read = readRegionFile(file.name, new Uint8Array(await file.arrayBuffer()))
    const known = regions.lists[recording.id] ?? []
    const { rows, problems, notes } = fitRows(read, { of: recording, known })
    const counted = `${rows.length} region${rows.length === 1 ? '' : 's'} of ${file.name}`
    if (rows.length > 0)
      await regions.change(`Imported ${counted}`, { recording: recording.id, put: rows.map(withId), remove: [] })
    const taken = [`${counted} (${regionFormatTitles[read.format]})`, ...notes].join('; ')
    if (rows.length > 0) regions.offerUndo(`Imported ${taken}`)
    else notices.say('note', taken)
    if (problems.length === 0) return
    regions.report = { file: file.name, taken, problems }
    useWorkspace().dialog = 'regions'
  } catch (error) {
    notices.fail(error)
  }
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
