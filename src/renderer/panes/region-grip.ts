import { computed, ref } from 'vue'
import type { Range } from '../../contract/tensor.ts'
import { useNotices } from '../stores/notices.ts'
import { useRegions } from '../stores/regions.ts'
import { dragRegion } from '../timeline/geometry.ts'
import { useTimeline } from '../timeline/timeline.ts'
import type { Column } from './column.ts'
import { useSnap, type Snapped } from './snap.ts'
import type { TimeDrag } from './time-pointer.ts'

/** the shortest region that a drag makes, in seconds */
const least = 0.001

export type Handle = 'start' | 'end' | 'whole'

interface Grip {
  /** null: what is spanned from `anchor` on becomes the region */
  handle: Handle | null
  /** seconds of what stays; of the whole, where it was taken */
  anchor: number
  before: Range | null
}

/**
 * The region over a picture in time: a drag spans it, a drag of an edge moves that, and keys move an edge. What moves snaps as is chosen, and Escape takes back
 * what was begun. `movesWhole`: a drag within it moves all of it. `keys`: by how many seconds arrows, arrows with Shift, Page Up and Page Down move.
 */
export const useRegionGrip = (
  column: Column,
  { movesWhole = false, keys }: { movesWhole?: boolean; keys: () => { arrow: number; shift: number; page: number } },
) => {
  const [timeline, regions] = [useTimeline(), useRegions()]
  const snap = useSnap(column)
  const region = computed<Range | null>(() => {
    const found = timeline.regions[column.recording.value?.id ?? '']
    return found ? [found[0], found[1]] : null
  })
  /** what is said at the edge that moves */
  const moving = ref<Snapped | null>(null)
  let grip: Grip | null = null
  let asked = 0

  const span = (anchor: number, edge: number): void => {
    const recording = column.recording.value
    if (!recording) return
    const at = Math.min(recording.seconds, Math.max(0, edge))
    const [start, end] = [Math.min(anchor, at), Math.max(anchor, at)]
    if (end - start < least - 1e-9) return
    if (grip && !grip.handle) regions.select(recording.id, [start, end])
    else regions.adjust(recording.id, [start, end])
  }
  const shift = (from: Range, by: number): void => {
    const recording = column.recording.value
    if (!recording) return
    const [start, end] = dragRegion(from, 'whole', by, { seconds: recording.seconds, least })
    regions.adjust(recording.id, [microseconds(start), Math.min(microseconds(end), recording.seconds)])
  }
  const restore = (range: Range | null): void => {
    const recording = column.recording.value
    if (!recording || !range) return
    if (grip && !grip.handle) regions.select(recording.id, range)
    else regions.adjust(recording.id, range)
    regions.settle(recording.id)
  }
  /** the latest wish counts, whenever the zero crossing comes; of the whole its start snaps */
  const draw = async (seconds: number): Promise<void> => {
    const [number, held] = [++asked, grip]
    if (!held) return
    const whole = held.handle === 'whole' && held.before
    try {
      const found = await snap(whole ? whole[0] + seconds - held.anchor : seconds)
      if (number !== asked) return
      if (grip) moving.value = found
      if (whole) shift(whole, found.seconds - whole[0])
      else span(held.anchor, found.seconds)
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
  const handleAt = (seconds: number, slack: number): Handle | null => {
    if (!region.value) return null
    const [start, end] = region.value
    const within = seconds >= start - slack && seconds <= end + slack
    // of a region that is hardly wider than the pointer the whole is what one wants to move
    if (movesWhole && within && end - start < 2 * slack) return 'whole'
    const [toStart, toEnd] = [Math.abs(seconds - start), Math.abs(seconds - end)]
    if (Math.min(toStart, toEnd) <= slack) return toEnd <= toStart ? 'end' : 'start'
    return movesWhole && within ? 'whole' : null
  }
  const drag: TimeDrag = {
    cursor: (seconds, slack) => {
      const handle = handleAt(seconds, slack)
      return handle === 'whole' ? 'grab' : handle ? 'ew-resize' : ''
    },
    begin: (seconds, slack) => {
      const before = region.value
      const handle = handleAt(seconds, slack)
      window.addEventListener('keydown', escape, true)
      const stays = before && handle && handle !== 'whole' ? before[handle === 'start' ? 1 : 0] : seconds
      grip = { handle, before, anchor: stays }
      if (handle) return
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
  const press = (handle: Handle, event: KeyboardEvent): void => {
    const recording = column.recording.value
    if (!recording || !region.value) return
    const [start, end] = region.value
    const { arrow, shift: far, page } = keys()
    const large = event.key === 'PageUp' ? page : event.key === 'PageDown' ? -page : 0
    const by = large || (steps[event.key] ?? 0) * (event.shiftKey ? far : arrow)
    if (by === 0 && event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') restore(atFocus)
    else if (handle === 'whole') shift([start, end], by)
    else span(handle === 'start' ? end : start, microseconds((handle === 'start' ? start : end) + by))
    regions.settle(recording.id)
  }
  const focus = (): void => {
    atFocus = region.value
  }
  /** moves the whole so that its middle is there */
  const centre = (seconds: number): void => {
    const [recording, from] = [column.recording.value, region.value]
    if (!recording || !from) return
    shift(from, seconds - (from[0] + from[1]) / 2)
    regions.settle(recording.id)
  }
  return { region, moving, drag, press, focus, centre }
}

export type RegionGrip = ReturnType<typeof useRegionGrip>

const microseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e6
