import { watch } from 'vue'
import type { HeardPart } from '../../contract/engine.ts'
import { isPatchGrid } from '../../contract/grid.ts'
import { weightText } from '../panes/attention/weight-text.ts'
import { rowOf, sayRow } from '../panes/row.ts'
import { useHearing } from '../stores/hearing.ts'
import { useSettings } from '../stores/settings.ts'
import { useNotices } from '../stores/notices.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { letterOf, useTimeline } from '../timeline/timeline.ts'
import { columnStretch } from './column-stretch.ts'
import { pause, play, player, playingAt, playOn } from './player.ts'
import type { Heard, Playable } from './sound-source.ts'

/** What playing a column means now: its region as it is, or as the attention row that is looked at weighs it. */

export const partNames: Record<'all' | HeardPart, string> = {
  all: 'all',
  attended: 'attended',
  rest: 'not attended',
  random: 'random',
}

/** The looked-at row as loudness; null where none is looked at, or where it looks at tokens. */
export const heardOf = (column: number, part: HeardPart): Heard | null => {
  const row = rowOf(column)
  if (!row || row.site.kind === 'decoder') return null
  const { run, site, index } = row
  const { weights } = useSettings().attention
  const mask = isPatchGrid(run.grids.encoder) && weights === 'raw' ? useHearing().mask : 'time'
  const heads = typeof site.heads === 'string' ? site.heads : [...site.heads]
  return {
    query: { run: run.id, tap: site.tap, heads, index, part, mask, weights },
    text: `${partNames[part]} by ${sayRow(row)}${weights === 'raw' ? '' : `, ${weightText[weights].label}`}`,
    stays: row.stays,
  }
}

/** null for a column without a recording */
export const playableOf = (column: number): Playable | null => {
  const recording = useWorkspace().columns[column] ?? null
  const region = recording === null ? undefined : useTimeline().regions[recording]
  if (recording === null || !region) return null
  const { part } = useHearing()
  const heard = part === 'all' ? null : heardOf(column, part)
  return heard ? { column, recording, region, heard } : columnStretch(column, [region[0], region[1]])
}

/** Plays that part from where the playhead is; once more pauses. */
export const listenTo = (column: number, part: 'all' | HeardPart): void => {
  const hearing = useHearing()
  const again = player.playing && player.column === column && hearing.part === part
  useWorkspace().active = column
  hearing.part = part
  if (again) return pause()
  const what = playableOf(column)
  if (!what) return
  if (part !== 'all' && !what.heard) {
    hearing.part = 'all'
    const letter = letterOf(column)
    useNotices().say(
      'note',
      `No attention row over the sound is looked at in column ${letter}: point at one, or pin it (P).`,
    )
    return
  }
  void play(what)
}

/** The recording, or what the model hears of it: what plays goes on as the other at the same moment. */
export const followSound = (): void => {
  const settings = useSettings()
  watch(
    () => settings.sound,
    () => {
      const what = player.playing && !player.heard && player.column !== null ? playableOf(player.column) : null
      if (what) void playOn(what, (later) => playingAt(later) ?? what.region[0])
    },
  )
}
