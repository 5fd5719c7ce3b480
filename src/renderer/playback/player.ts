import { reactive, readonly } from 'vue'
import { engine } from '../engine.ts'
import type { Range } from '../../contract/tensor.ts'
import { useNotices } from '../stores/notices.ts'
import { useSettings } from '../stores/settings.ts'
import { useTimeline } from '../timeline/timeline.ts'

/** One audio element that plays a column's region; its clock moves the timeline's playhead. */

const state = reactive({ playing: false, column: null as number | null })
export const player = readonly(state)

const audio = new Audio()
let loaded: { key: string; region: Range; url: string } | null = null
let frame = 0

export interface Playable {
  column: number
  recording: string
  region: Range
}

const load = async ({ recording, region }: Playable): Promise<void> => {
  const key = `${recording} ${region.join(' ')}`
  if (loaded?.key === key) return
  const file = await engine['recordings.audio']({ recording, region })
  if (loaded) URL.revokeObjectURL(loaded.url)
  loaded = {
    key,
    region: [region[0], region[1]],
    url: URL.createObjectURL(new Blob([new Uint8Array(file.bytes)], { type: file.mime })),
  }
  audio.src = loaded.url
}

/** From the playhead where it lies in the region, else from its start. */
export const play = async (what: Playable): Promise<void> => {
  const timeline = useTimeline()
  try {
    await load(what)
    const from = timeline.playhead?.column === what.column ? timeline.playhead.seconds : what.region[0]
    const inside = from >= what.region[0] && from < what.region[1] - 0.02
    audio.currentTime = inside ? from - what.region[0] : 0
    bringIntoView(what)
    audio.loop = useSettings().loop
    await audio.play()
    Object.assign(state, { playing: true, column: what.column })
    follow()
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) useNotices().fail(error)
  }
}

/** A playhead that moves where nobody can see it helps nobody. */
const bringIntoView = ({ column, region }: Playable): void => {
  const timeline = useTimeline()
  const [start, end] = timeline.rangeOf(column)
  const at = timeline.playhead?.column === column ? timeline.playhead.seconds : region[0]
  if (at < start || at >= end) timeline.show(column, region)
}

export const pause = (): void => {
  audio.pause()
  state.playing = false
  cancelAnimationFrame(frame)
}

const aroundSeconds = 0.25

/** A quarter of a second to either side of a moment, as far as the recording goes. */
export const playAround = (column: number, recording: { id: string; seconds: number }, at: number): void => {
  const region: Range = [Math.max(0, at - aroundSeconds), Math.min(recording.seconds, at + aroundSeconds)]
  pause()
  seek(column, region[0])
  void play({ column, recording: recording.id, region })
}

export const setLoop = (loop: boolean): void => {
  audio.loop = loop
}

/** Moves the playhead; while that column plays, the sound goes there too. */
export const seek = (column: number, seconds: number): void => {
  useTimeline().playhead = { column, seconds }
  if (state.playing && state.column === column && loaded) {
    audio.currentTime = Math.min(Math.max(0, seconds - loaded.region[0]), Math.max(0, audio.duration - 0.01))
  }
}

const follow = (): void => {
  cancelAnimationFrame(frame)
  const timeline = useTimeline()
  if (!loaded || state.column === null) return
  timeline.playhead = { column: state.column, seconds: loaded.region[0] + audio.currentTime }
  if (state.playing) frame = requestAnimationFrame(follow)
}

audio.addEventListener('ended', () => {
  pause()
  if (loaded && state.column !== null) useTimeline().playhead = { column: state.column, seconds: loaded.region[0] }
})
