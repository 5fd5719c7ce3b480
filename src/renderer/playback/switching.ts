import { watch } from 'vue'
import type { Range } from '../../contract/tensor.ts'
import { clock } from '../format.ts'
import { useHearing } from '../stores/hearing.ts'
import { useLibrary } from '../stores/library.ts'
import { useNotices } from '../stores/notices.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { moved } from '../timeline/geometry.ts'
import { letterOf, useTimeline } from '../timeline/timeline.ts'
import { columnStretch } from './column-stretch.ts'
import { playableOf } from './listening.ts'
import { fetchAhead, play, player, playingAt, playOn, seek } from './player.ts'
import type { Playable } from './sound-source.ts'

/** A/B: from column to column at the same aligned moment. */

/** the columns with a recording, from the one after `column` on */
const others = (column: number): number[] => {
  const { columns } = useWorkspace()
  const inTurn = columns.map((_, i) => (column + 1 + i) % columns.length)
  return inTurn.filter((i) => i !== column && (columns[i] ?? null) !== null)
}

/** What a column plays of a stretch in aligned seconds; null where its recording has nothing of it. */
const stretchIn = (column: number, stretch: Range): Playable | null => {
  const what = columnStretch(column, moved(stretch, useTimeline().offsetOf(column)))
  return what && { ...what, stretch }
}

const hasMoment = ({ region }: Playable, seconds: number): boolean => seconds >= region[0] && seconds < region[1]

/** What is heard after the switch: that column's row where rows are heard, else what the first column plays. */
const soundIn = (column: number, aligned: number, stretch: Range): Playable | null => {
  const masked = useHearing().part === 'all' ? null : playableOf(column)
  const what = masked?.heard ? masked : stretchIn(column, stretch)
  return what && hasMoment(what, aligned + useTimeline().offsetOf(column)) ? what : null
}

/** To the next column that has this moment, and round again; what has not is said. Where nothing plays, the playhead goes. */
export const switchColumn = (): void => {
  const [timeline, workspace, notices] = [useTimeline(), useWorkspace(), useNotices()]
  const from = player.playing && player.column !== null ? player.column : workspace.active
  const placed = timeline.playhead?.column === from ? timeline.playhead.seconds : null
  const own = (player.playing ? playingAt() : placed) ?? timeline.cursor
  const list = others(from)
  if (list.length === 0) return notices.say('note', 'There is no other recording to listen to.')
  const aligned = own === null ? 0 : own - timeline.offsetOf(from)
  const without: number[] = []
  for (const to of list) {
    const offset = timeline.offsetOf(to)
    const what = player.playing ? soundIn(to, aligned, [...player.stretch]) : stretchIn(to, [aligned, aligned + 0.001])
    if (!what) {
      without.push(to)
      continue
    }
    workspace.active = to
    if (!player.playing) seek(to, aligned + offset)
    // the moment moves on until the sound is there
    else
      void playOn(what, (later) => {
        const now = playingAt(later)
        const column = player.column ?? from
        return now === null ? aligned + offset : now - timeline.offsetOf(column) + offset
      })
    break
  }
  if (without.length === 0) return
  const names = without.map((i) => `column ${letterOf(i)} (${clock(aligned + timeline.offsetOf(i))})`)
  notices.say('note', `No sound at this moment in ${names.join(' and ')}.`)
}

/** From the cursor, or where there is none from the playhead: to the region's end, outside it to the recording's. */
export const playFromCursor = (): void => {
  const [timeline, { active, columns }] = [useTimeline(), useWorkspace()]
  const recording = useLibrary().recording(columns[active] ?? null)
  const what = playableOf(active)
  const at = momentIn(active)
  if (!recording || !what) return
  const rest = at < 0 ? null : columnStretch(active, [at, recording.seconds])
  if (!rest || !hasMoment(rest, at))
    return useNotices().say('note', `Column ${letterOf(active)} has no sound at ${clock(at)}.`)
  timeline.playhead = { column: active, seconds: at }
  seek(active, at)
  void play(hasMoment(what, at) ? what : rest)
}

/** The moment under the cursor, else of the playhead, else the region's start: in the column's own seconds. */
export const momentIn = (column: number): number => {
  const timeline = useTimeline()
  if (timeline.cursor !== null) return timeline.cursor + timeline.offsetOf(column)
  const { playhead } = timeline
  if (playhead?.column === column) return playhead.seconds
  return timeline.regions[useWorkspace().columns[column] ?? '']?.[0] ?? 0
}

/** While one column plays, the sound of the next is fetched, so that a switch is heard at once. */
export const followSwitching = (): void => {
  const timeline = useTimeline()
  watch(
    () => (player.playing && !player.heard && timeline.playhead ? Math.floor(timeline.playhead.seconds) : null),
    (second) => {
      const column = player.column
      const to = second === null || column === null ? undefined : others(column)[0]
      if (to === undefined || column === null) return
      const aligned = timeline.playhead!.seconds - timeline.offsetOf(column)
      const what = stretchIn(to, [...player.stretch])
      const at = aligned + timeline.offsetOf(to)
      // what fails here fails again, and is said, when it is listened to
      if (what && hasMoment(what, at)) fetchAhead(what, at).catch(() => undefined)
    },
  )
}
