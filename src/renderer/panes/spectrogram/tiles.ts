import { computed, onScopeDispose, ref, watch } from 'vue'
import type { SpectrogramMap } from '../../../contract/engine.ts'
import { EngineError, isCancelled, messageOf } from '../../../contract/errors.ts'
import { stepsWithin, type TimeGrid } from '../../../contract/grid.ts'
import type { HeardBy } from '../../../contract/heard-by.ts'
import type { Recording } from '../../../contract/recording.ts'
import type { Stft } from '../../../contract/spectrogram.ts'
import type { Range } from '../../../contract/tensor.ts'
import { frequencyRows } from '../../../signal/frequency-rows.ts'
import { defaultStft, stftFrames, stftTitle } from '../../../signal/stft.ts'
import { connection, engine } from '../../engine.ts'
import { Lru } from '../../../signal/lru.ts'
import { joinTiles, levelOf, tilesOf } from './join-tiles.ts'

/**
 * The spectrogram of what is visible, in tiles that are kept: a pan asks for what is new alone, and until a tile is there a coarser or
 * finer one stands in.
 */

export interface Wanted {
  recording: Recording
  /** of what a model hears of it */
  heardBy?: HeardBy
  stft: Stft
  height: number
  hertz: Range | null
  /** visible, in seconds within the recording */
  range: Range
  pixels: number
}

const kept = new Lru<SpectrogramMap>(96e6, ({ raster }) => raster.data.byteLength)

/** one at a time: what the engine reads for a tile reaches to both sides of it, and the next is found there */
const mostFlights = 1
/** a wheel passes through levels faster than this */
const settleMs = 25
/** tiles that hold a whole recording, asked when there is nothing else to do: they stand in for whatever comes into view */
const wholeTiles = 4
/** more is asked without need only where the store has it: reading it would keep the engine from other work */
const readSeconds = 600

/** of a view no longer than this the next finer tile is asked for when its own are there: a zoom into it finds the sound read */
const finerSeconds = 240

/** Whether a spectrogram of so many seconds can be had at once. */
export const isAtHand = (seconds: number, { size, window }: Stft): boolean =>
  seconds <= readSeconds || (size === defaultStft.size && window === defaultStft.window)

interface Plan {
  wanted: Omit<Wanted, 'range' | 'pixels'>
  /** what tiles are of: those of another subject stand in for nothing */
  subject: string
  grid: TimeGrid
  level: number
  tiles: Range
  /** visible when it was made, in seconds */
  around: Range
}

const planOf = ({ range, pixels, ...wanted }: Wanted): Plan => {
  const { recording, stft } = wanted
  const count = stftFrames(recording.frames, stft.hop)
  const step = stft.hop / recording.rate
  const grid = { start: 0, step, width: stft.size / recording.rate, count, valid: count }
  const level = levelOf((range[1] - range[0]) / pixels, step)
  const subject = JSON.stringify([recording.id, stft, wanted.height, wanted.hertz, wanted.heardBy])
  return { wanted, subject, grid, level, tiles: tilesOf(stepsWithin(grid, range), level), around: range }
}

const keyOf = (subject: string, level: number, tile: number): string => `${subject} ${level} ${tile}`

type Place = [level: number, tile: number]

/** Tiles of a plan in the order they are asked for: from the middle outwards, then a finer one there, then those of the whole. */
const placesOf = ({ level, tiles, grid, around, wanted: { stft, recording } }: Plan): Place[] => {
  const middle = (tiles[0] + tiles[1] - 1) / 2
  const visible = Array.from({ length: tiles[1] - tiles[0] }, (_, i) => tiles[0] + i)
  visible.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))
  let whole = 0
  while (tilesOf([0, grid.count], whole)[1] > wholeTiles) whole++
  const all = Array.from({ length: tilesOf([0, grid.count], whole)[1] }, (_, tile): Place => [whole, tile])
  const asksWhole = level < whole && isAtHand(recording.seconds, stft)
  const asksFiner = level > 0 && around[1] - around[0] <= finerSeconds
  const [finer] = tilesOf(stepsWithin(grid, [(around[0] + around[1]) / 2, around[1]]), level - 1)
  return [
    ...visible.map((tile): Place => [level, tile]),
    ...(asksFiner ? [[level - 1, finer] satisfies Place] : []),
    ...(asksWhole ? all : []),
  ]
}

export const useTiles = (wanted: () => Wanted | null) => {
  /** grows when a tile comes */
  const come = ref(0)
  const error = ref('')
  const plan = computed((old?: Plan | null): Plan | null => {
    const asked = connection.link === 'open' ? wanted() : null
    // without a connection the last picture stays
    if (!asked) return connection.link === 'open' ? null : (old ?? null)
    const next = planOf(asked)
    const same = old?.subject === next.subject && old.level === next.level
    return same && old.tiles[0] === next.tiles[0] && old.tiles[1] === next.tiles[1] ? old : next
  })
  const joined = computed(() => {
    void come.value
    const now = plan.value
    if (!now) return null
    const { level, tiles, grid, subject } = now
    const found = joinTiles((l, t) => kept.read(keyOf(subject, l, t))?.raster, level, tiles, grid.count)
    return { plan: now, raster: found?.raster ?? null, missing: found?.missing ?? tiles[1] - tiles[0] }
  })
  /** what was shown stays until all is there of something that is made in another way: it is not mixed with it */
  const shown = computed((old?: { subject: string; map: SpectrogramMap } | null) => {
    const found = joined.value
    if (!found) return null
    const { plan: now, raster, missing } = found
    const { recording, stft, height, hertz } = now.wanted
    const isOther = old && old.subject !== now.subject && old.subject.startsWith(`["${recording.id}"`)
    if (!raster || (isOther && missing > 0)) return old && (isOther || old.subject === now.subject) ? old : null
    const exact = kept.read(keyOf(now.subject, now.level, now.tiles[0]))
    const rows = frequencyRows(stft, recording.rate, height, hertz ?? undefined).hertz
    const title = exact?.title ?? stftTitle(stft)
    return { subject: now.subject, map: { raster, grid: now.grid, hertz: rows, unit: 'dB', title } as SpectrogramMap }
  })

  const flights = new Map<string, AbortController>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const fetchTile = async (now: Plan, key: string, level: number, tile: number): Promise<void> => {
    const { recording, stft, height, hertz, heardBy } = now.wanted
    const flight = new AbortController()
    flights.set(key, flight)
    try {
      const input = {
        recording: recording.id,
        stft,
        height,
        level,
        tile,
        ...(level <= now.level && { around: now.around }),
        ...(hertz && { hertz }),
        ...(heardBy && { heardBy }),
      }
      kept.write(key, await engine['recordings.spectrogramTile'](input, { signal: flight.signal }))
      come.value++
    } catch (failure) {
      const lost = failure instanceof EngineError && failure.code === 'engine-gone'
      if (plan.value === now && !lost && !isCancelled(failure)) error.value = messageOf(failure)
    } finally {
      if (flights.get(key) === flight) flights.delete(key)
    }
    pump()
  }
  const pump = (): void => {
    const now = plan.value
    if (!now || error.value) return
    for (const [level, tile] of placesOf(now)) {
      if (flights.size >= mostFlights) return
      const key = keyOf(now.subject, level, tile)
      if (!flights.has(key) && !kept.read(key)) void fetchTile(now, key, level, tile)
    }
  }
  const stopAllBut = (keys: Set<string>): void => {
    for (const [key, flight] of flights) {
      if (keys.has(key)) continue
      flights.delete(key)
      flight.abort()
    }
  }
  watch(
    [plan, () => connection.generation],
    ([now]) => {
      error.value = ''
      clearTimeout(timer)
      stopAllBut(new Set(now ? placesOf(now).map(([level, tile]) => keyOf(now.subject, level, tile)) : []))
      timer = setTimeout(pump, settleMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    stopAllBut(new Set())
  })

  const missing = computed(() => (error.value ? 0 : (joined.value?.missing ?? 0)))
  return {
    value: computed(() => shown.value?.map ?? null),
    loading: computed(() => missing.value > 0),
    /** "3 of 5 tiles": how far what is visible has come */
    progress: computed(() => {
      const tiles = plan.value?.tiles
      if (!tiles || missing.value === 0) return ''
      const all = tiles[1] - tiles[0]
      return `${all - missing.value} of ${all} tiles`
    }),
    error,
  }
}
