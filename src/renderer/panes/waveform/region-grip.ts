import { computed, ref } from 'vue'
import type { Range } from '../../../contract/tensor.ts'
import { useNotices } from '../../stores/notices.ts'
import { useRegions } from '../../stores/regions.ts'
import { useTimeline } from '../../timeline/timeline.ts'
import type { Column } from '../column.ts'
import { useSnap } from '../snap.ts'
import { useStepGrid } from '../step-grid.ts'
import type { TimeDrag } from '../time-pointer.ts'

/** the shortest region that a drag makes, in seconds */
const least = 0.001

export type Edge = 'start' | 'end'

/**
 * Selecting the region over a plot: a drag spans it, a drag of an edge moves that, keys move an edge by a millisecond, a step or a tenth of a second. An edge snaps
 * as is chosen, and Escape takes back what was begun.
 */
export const useRegionGrip = (column: Column) => {
  const [timeline, regions] = [useTimeline(), useRegions()]
  const snap = useSnap(column)
  const grid = useStepGrid(column)
  const region = computed<Range | null>(() => {
    const found = timeline.regions[column.recording.value?.id ?? '']
    return found ? [found[0], found[1]] : null
  })
  /** what is said at the edge that moves */
  const moving = ref<{ seconds: number; how: string } | null>(null)
  let grip: { anchor: number; before: Range | null } | null = null
  let asked = 0

  const span = (anchor: number, edge: number): void => {
    const recording = column.recording.value
    if (!recording) return
    const at = Math.min(recording.seconds, Math.max(0, edge))
    const [start, end] = [Math.min(anchor, at), Math.max(anchor, at)]
    if (end - start >= least - 1e-9) regions.adjust(recording.id, [start, end])
  }
  const restore = (range: Range | null): void => {
    const recording = column.recording.value
    if (recording && range) regions.adjust(recording.id, range)
  }
  /** the latest wish counts, whenever the zero crossing comes */
  const draw = async (seconds: number): Promise<void> => {
    const [number, anchor] = [++asked, grip?.anchor]
    if (anchor === undefined) return
    try {
      const found = await snap(seconds)
      if (number !== asked) return
      if (grip) moving.value = found
      span(anchor, found.seconds)
    } catch (error) {
      useNotices().fail(error)
    }
  }
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    drag.cancel()
  }
  const release = (): void => {
    window.removeEventListener('keydown', escape, true)
    grip = null
    moving.value = null
  }
  const edgeAt = (seconds: number, slack: number): Edge | null => {
    if (!region.value) return null
    const [start, end] = region.value
    const [toStart, toEnd] = [Math.abs(seconds - start), Math.abs(seconds - end)]
    if (Math.min(toStart, toEnd) > slack) return null
    return toEnd <= toStart ? 'end' : 'start'
  }
  const drag: TimeDrag = {
    cursor: (seconds, slack) => (edgeAt(seconds, slack) ? 'ew-resize' : ''),
    begin: (seconds, slack) => {
      const before = region.value
      const edge = edgeAt(seconds, slack)
      window.addEventListener('keydown', escape, true)
      grip = { before, anchor: edge && before ? before[edge === 'start' ? 1 : 0] : seconds }
      if (edge) return
      const from = ++asked
      snap(seconds).then(
        (found) => {
          // where the drag began snaps as well; a later wish is drawn from there
          if (grip && grip.anchor === seconds) grip.anchor = found.seconds
          if (from === asked) moving.value = found
        },
        (error: unknown) => useNotices().fail(error),
      )
    },
    move: (seconds) => void draw(seconds),
    end: async (seconds) => {
      const recording = column.recording.value
      await draw(seconds)
      release()
      if (recording) regions.settle(recording.id)
    },
    cancel: () => {
      asked++
      restore(grip?.before ?? null)
      release()
    },
  }

  let atFocus: Range | null = null
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }
  const press = (edge: Edge, event: KeyboardEvent): void => {
    const recording = column.recording.value
    if (!recording || !region.value) return
    const [start, end] = region.value
    const large = event.key === 'PageUp' ? 0.1 : event.key === 'PageDown' ? -0.1 : 0
    const by = large || (steps[event.key] ?? 0) * (event.shiftKey ? (grid.value?.step ?? 0.01) : 0.001)
    if (by === 0 && event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') restore(atFocus)
    else span(edge === 'start' ? end : start, microseconds((edge === 'start' ? start : end) + by))
    regions.settle(recording.id)
  }
  const focus = (): void => {
    atFocus = region.value
  }
  return { region, moving, drag, press, focus }
}

const microseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e6
