import { useLibrary } from '../stores/library.ts'
import { useRegions } from '../stores/regions.ts'
import { useSettings } from '../stores/settings.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { useTimeline } from '../timeline/timeline.ts'

/** What the commands of named regions do, for the active column. */

const active = () => {
  const { active, columns } = useWorkspace()
  const recording = useLibrary().recording(columns[active] ?? null)
  const region = recording && useTimeline().regions[recording.id]
  return recording && region ? { column: active, recording, region } : null
}

export const regionActions = () => ({
  addRegion: () => {
    const here = active()
    if (!here) return
    useSettings().regionsShown = true
    useRegions().add(here.recording.id, [here.region[0], here.region[1]])
  },
  undo: () => void useRegions().undo(),
  redo: () => void useRegions().redo(),
  toggleRegions: () => {
    const settings = useSettings()
    settings.regionsShown = !settings.regionsShown
  },
  nextSnap: () => {
    const settings = useSettings()
    settings.snap = ({ off: 'zero', zero: 'steps', steps: 'off' } as const)[settings.snap]
  },
  /** what stands at the other end stays, if it can */
  edgeAtCursor: (edge: 'start' | 'end') => {
    const [here, timeline] = [active(), useTimeline()]
    if (!here || timeline.cursor === null) return
    const at = Math.round((timeline.cursor + timeline.offsetOf(here.column)) * 1000) / 1000
    const [start, end] = edge === 'start' ? [at, here.region[1]] : [here.region[0], at]
    if (start < 0 || end > here.recording.seconds || !(end > start)) return
    useRegions().adjust(here.recording.id, [start, end])
    useRegions().settle(here.recording.id)
  },
})
