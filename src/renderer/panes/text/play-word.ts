import type { Range } from '../../../contract/tensor.ts'
import type { WordCard } from '../../../contract/words.ts'
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
  await play({ column: column.index, recording: recording.id, region, heard: null })
}
