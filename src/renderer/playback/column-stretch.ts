import type { Range } from '../../contract/tensor.ts'
import { useLibrary } from '../stores/library.ts'
import { useWorkspace } from '../stores/workspace.ts'
import type { Playable } from './sound-source.ts'

/** A stretch of a column's sound, in its own seconds, as it is or as the model hears it: as much as there is of it; null for nothing. */
export const columnStretch = (column: number, [start, end]: Range): Playable | null => {
  const workspace = useWorkspace()
  const recording = useLibrary().recording(workspace.columns[column] ?? null)
  if (!recording) return null
  const heardBy = workspace.heardBy(column)
  const [from, to] = heardBy?.region ?? [0, recording.seconds]
  const region: Range = [Math.max(start, from), Math.min(end, to)]
  if (region[0] >= region[1]) return null
  return { column, recording: recording.id, region, heard: null, ...(heardBy && { heardBy }) }
}
