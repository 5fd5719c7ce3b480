import type { Range } from '../../../contract/tensor.ts'
import type { WordCard } from '../../../contract/words.ts'
import { columnStretch } from '../../playback/column-stretch.ts'
import { pause, play, seek } from '../../playback/player.ts'
import type { Column } from '../column.ts'

/** so short a word is heard with a little of what follows */
const leastSeconds = 0.08

export const playWord = async (column: Column, { start, end }: WordCard): Promise<void> => {
  const recording = column.recording.value
  if (!recording) return
  const until = Math.min(recording.seconds, Math.max(end, start + leastSeconds))
  pause()
  seek(column.index, start)
  const region: Range = [Math.min(start, until - leastSeconds), until]
  const what = columnStretch(column.index, region)
  if (what) await play(what)
}
