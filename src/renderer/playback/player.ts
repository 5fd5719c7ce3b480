import { reactive, readonly, watch } from 'vue'
import { isCancelled } from '../../contract/errors.ts'
import type { Range } from '../../contract/tensor.ts'
import { useLevels } from '../stores/levels.ts'
import { useNotices } from '../stores/notices.ts'
import { useSettings } from '../stores/settings.ts'
import { letterOf, useTimeline } from '../timeline/timeline.ts'
import { clock } from '../format.ts'
import { columnStretch } from './column-stretch.ts'
import { heardTime, letContextsSleep, wakeContext } from './context.ts'
import { leastAhead, startDeck, type Deck } from './deck.ts'
import { openSource, type HeardGain, type Playable, type SoundSource } from './sound-source.ts'

/** One sound at a time, of a column's region; what is heard of it moves the timeline's playhead. */

const state = reactive({
  playing: false,
  loading: false,
  column: null as number | null,
  /** of what plays */
  heard: null as HeardGain | null,
  /** the model whose hearing plays; null for the sound as it is */
  model: null as string | null,
  region: [0, 0] as Range,
  /** in aligned seconds: what the column that was played first plays */
  stretch: [0, 0] as Range,
})
export const player = readonly(state)

interface Playing {
  what: Playable
  deck: Deck
}
let current: Playing | null = null
/** what is still heard before the current one's first frame */
let leaving: Playing | null = null
/** of what was played last, and of the column that may be switched to */
const sources = new Map<string, SoundSource>()
let flight: AbortController | undefined
let frame = 0
/** a person put the playhead there: it waits for the sound */
let placed = false

/** nearer to its end than this, a region begins anew */
const endSeconds = 0.02

const keyOf = ({ recording, region, heard, heardBy }: Playable): string =>
  JSON.stringify([recording, region, heard?.query, heardBy])

/** Sound that is at hand, or begins to come. */
const sourceOf = async (what: Playable, signal: AbortSignal): Promise<SoundSource> => {
  const key = keyOf(what)
  const source = sources.get(key) ?? (await openSource(what, signal))
  signal.throwIfAborted()
  sources.delete(key)
  sources.set(key, source)
  for (const [old, other] of [...sources].slice(0, -2)) {
    sources.delete(old)
    other.close()
  }
  return source
}

const framesIn = (source: SoundSource, seconds: number): number => {
  const at = source.frameAt(seconds)
  return at >= 0 && at < source.frames - endSeconds * source.rate ? at : 0
}

const secondsIn = ({ deck }: Playing, contextSeconds: number): number =>
  deck.source.secondsOf(deck.frameAt(contextSeconds))

/** Where what plays is heard in so many seconds, in its recording's; null while nothing plays. */
export const playingAt = (later = 0): number | null =>
  current && secondsIn(current, heardTime(current.deck.context) + later)

/** In so many seconds a sound that begins now may be heard, and what plays may be changed. */
const soonest = (context: AudioContext): number => {
  const contexts = current ? [context, current.deck.context] : [context]
  return Math.max(...contexts.map((one) => one.currentTime - heardTime(one) + 2 * leastAhead(one)))
}

/**
 * Plays from a moment that is asked for when the sound is at hand; until then what plays goes on. The moment is of the recording, so many
 * seconds from now.
 */
const begin = async (what: Playable, momentIn: (later: number) => number, goesOn: boolean): Promise<void> => {
  flight?.abort()
  const mine = (flight = new AbortController())
  const { signal } = mine
  state.loading = true
  try {
    const source = await sourceOf(what, signal)
    const first = framesIn(source, momentIn(0))
    const [context] = await Promise.all([wakeContext(source.rate), source.piece(first) ?? source.load(first)])
    // while it is fetched the moment moves on
    let later = soonest(context)
    let at = framesIn(source, momentIn(later))
    while (!source.piece(at)) {
      await source.load(at)
      signal.throwIfAborted()
      later = soonest(context)
      at = framesIn(source, momentIn(later))
    }
    signal.throwIfAborted()
    replace({ what, source, context, at, later, goesOn })
  } catch (error) {
    placed = false
    if (!signal.aborted && !isCancelled(error)) useNotices().fail(error)
  } finally {
    if (flight === mine) state.loading = false
  }
}

interface Beginning {
  what: Playable
  source: SoundSource
  context: AudioContext
  /** the frame it begins with, and in how many seconds that is heard */
  at: number
  later: number
  goesOn: boolean
}

const replace = ({ what, source, context, at, later, goesOn }: Beginning): void => {
  const { loop, speed, keepPitch } = useSettings()
  const old = current
  old?.deck.stop(heardTime(old.deck.context) + later)
  const mine = (): boolean => current?.deck === deck
  const deck = startDeck({
    ...{ context, source, frame: at, at: heardTime(context) + later, loop, speed, keepPitch },
    gain: gainFor(what),
    // what is computed is heard a little later
    onEnd: () => setTimeout(() => mine() && ended(), 1000 * (context.currentTime - heardTime(context))),
    onError: (error) => {
      if (!mine()) return
      pause()
      useNotices().fail(error)
    },
  })
  current = { what, deck }
  leaving = goesOn ? old : null
  placed = false
  const { column, region, stretch } = what
  const offset = useTimeline().offsetOf(column)
  Object.assign(state, { playing: true, column, heard: source.heard, region: [...region] })
  state.model = what.heardBy?.model ?? null
  state.stretch = stretch ?? [region[0] - offset, region[1] - offset]
  bringIntoView(what, source.secondsOf(at))
  follow()
}

/** From the playhead where it lies in the region, else from its start; what this column already plays goes on at its moment. */
export const play = (what: Playable): Promise<void> => {
  const { playhead } = useTimeline()
  const from = playhead?.column === what.column ? playhead.seconds : what.region[0]
  if (state.playing && state.column === what.column && !placed)
    return begin(what, (later) => playingAt(later) ?? from, true)
  return begin(what, () => from, false)
}

/** Goes on with another column at the moment that `momentIn` says, once its sound is there. */
export const playOn = (what: Playable, momentIn: (later: number) => number): Promise<void> =>
  begin(what, momentIn, true)

/** Sound that may be wanted soon: failing is no matter. */
export const fetchAhead = async (what: Playable, seconds: number): Promise<void> => {
  const playing = current
  if (!playing) return
  const source = await sourceOf(what, new AbortController().signal)
  await wakeContext(source.rate)
  // what plays is the newest, and stays
  sources.delete(keyOf(playing.what))
  sources.set(keyOf(playing.what), playing.deck.source)
  const at = framesIn(source, seconds)
  if (!source.piece(at)) await source.load(at)
}

/** With the settings as they are now, at the same moment. */
const goOn = (): void => {
  if (state.playing && current) void play(current.what)
}

/** A playhead that moves where nobody can see it helps nobody. */
const bringIntoView = ({ column, region }: Playable, at: number): void => {
  const timeline = useTimeline()
  const [start, end] = timeline.rangeOf(column)
  if (at < start || at >= end) timeline.show(column, region)
}

export const pause = (): void => {
  flight?.abort()
  if (current) {
    current.deck.stop()
    letContextsSleep()
  }
  current = leaving = null
  placed = false
  state.playing = false
  cancelAnimationFrame(frame)
}

const ended = (): void => {
  const { column, region } = state
  pause()
  if (column !== null) useTimeline().playhead = { column, seconds: region[0] }
}

const aroundSeconds = 0.25

/** A quarter of a second to either side of a moment, as far as there is sound. */
export const playAround = (column: number, at: number): void => {
  const what = columnStretch(column, [at - aroundSeconds, at + aroundSeconds])
  if (!what) return useNotices().say('note', `Column ${letterOf(column)} has no sound at ${clock(at)}.`)
  pause()
  seek(column, what.region[0])
  void play(what)
}

/** Moves the playhead; while that column plays, the sound goes there too. */
export const seek = (column: number, seconds: number): void => {
  useTimeline().playhead = { column, seconds }
  if (!state.playing || state.column !== column || !current) return
  const [start, end] = current.what.region
  placed = true
  const at = Math.min(Math.max(start, seconds), Math.max(start, end - 0.05))
  void begin(current.what, () => at, false)
}

const follow = (): void => {
  cancelAnimationFrame(frame)
  if (!current || !state.playing) return
  if (leaving && heardTime(current.deck.context) >= current.deck.startsAt) leaving = null
  const heard = leaving ?? current
  if (!placed)
    useTimeline().playhead = { column: heard.what.column, seconds: secondsIn(heard, heardTime(heard.deck.context)) }
  frame = requestAnimationFrame(follow)
}

/** Levels are matched of sounds as they are; a masked one is as loud as its weights make it. */
const gainFor = ({ column, heard }: Playable): number => (heard ? 1 : useLevels().gainOf(column))

/** What is set while it plays is heard at once. */
export const followSettings = (): void => {
  const settings = useSettings()
  watch(() => [settings.loop, settings.speed, settings.keepPitch], goOn)
  watch(
    () => (current && state.playing ? gainFor(current.what) : null),
    (gain) => gain !== null && current?.deck.setGain(gain),
  )
}
