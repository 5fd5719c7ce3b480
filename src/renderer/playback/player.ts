import { markRaw, reactive, readonly } from 'vue'
import type { FileAnswer, Hearing, HearQuery } from '../../contract/engine.ts'
import { isCancelled } from '../../contract/errors.ts'
import type { Range } from '../../contract/tensor.ts'
import { engine } from '../engine.ts'
import { useNotices } from '../stores/notices.ts'
import { useSettings } from '../stores/settings.ts'
import { useTimeline } from '../timeline/timeline.ts'

/** One audio element that plays a column's region; its clock moves the timeline's playhead. */

/** An attention row as loudness. */
export interface Heard {
  query: HearQuery
  /** "attended by 1.74 s" */
  text: string
  /** the row stays when the pointer moves on */
  stays: boolean
}

export interface Playable {
  column: number
  recording: string
  region: Range
  /** null for the sound as it is */
  heard: Heard | null
}

interface Loaded {
  key: string
  region: Range
  url: string
  /** how loud it is made, and of what; null for the sound as it is */
  heard: (Heard & Omit<Hearing, 'file'>) | null
}

const state = reactive({
  playing: false,
  loading: false,
  column: null as number | null,
  /** of what is loaded */
  heard: null as Loaded['heard'],
  region: [0, 0] as Range,
})
export const player = readonly(state)

const audio = new Audio()
let loaded: Loaded | null = null
let flight: AbortController | undefined
let frame = 0

/** The file that playing it plays. */
export const soundOf = async (
  { recording, region, heard }: Playable,
  options: { signal?: AbortSignal } = {},
): Promise<{ file: FileAnswer; heard: Loaded['heard'] }> => {
  if (!heard) return { file: await engine['recordings.audio']({ recording, region }, options), heard: null }
  const { file, ...hearing } = await engine['runs.hear'](heard.query, options)
  return { file, heard: markRaw({ ...heard, ...hearing }) }
}

const load = async (what: Playable, signal: AbortSignal): Promise<void> => {
  const { recording, region, heard } = what
  const key = JSON.stringify([recording, region, heard?.query])
  if (loaded?.key === key) return
  const sound = await soundOf(what, { signal })
  signal.throwIfAborted()
  if (loaded) URL.revokeObjectURL(loaded.url)
  const { file } = sound
  const url = URL.createObjectURL(new Blob([new Uint8Array(file.bytes)], { type: file.mime }))
  loaded = { key, region: [region[0], region[1]], url, heard: sound.heard }
  audio.src = url
}

/** From the playhead where it lies in the region, else from its start. What plays goes on until the new sound is there. */
export const play = async (what: Playable): Promise<void> => {
  flight?.abort()
  const mine = (flight = new AbortController())
  const timeline = useTimeline()
  state.loading = true
  try {
    await load(what, mine.signal)
    const from = timeline.playhead?.column === what.column ? timeline.playhead.seconds : what.region[0]
    const inside = from >= what.region[0] && from < what.region[1] - 0.02
    audio.currentTime = inside ? from - what.region[0] : 0
    bringIntoView(what)
    audio.loop = useSettings().loop
    await audio.play()
    Object.assign(state, { playing: true, column: what.column, heard: loaded!.heard, region: loaded!.region })
    follow()
  } catch (error) {
    const isOver =
      mine.signal.aborted || isCancelled(error) || (error instanceof DOMException && error.name === 'AbortError')
    if (!isOver) useNotices().fail(error)
  } finally {
    if (flight === mine) state.loading = false
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
  flight?.abort()
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
  void play({ column, recording: recording.id, region, heard: null })
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
