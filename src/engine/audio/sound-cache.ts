import type { Recording } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import type { Stretch } from '../../signal/stft.ts'
import type { Opened } from './audio.ts'
import { decodeRegion, regionBlocks, type RegionOptions } from './region-blocks.ts'

/**
 * Decoded sound under a memory budget: one stretch per recording, the whole of it where it fits. A recording longer than that
 * keeps the surroundings of what was last asked for; what is too long even for this is decoded as it is read.
 */
export interface SoundCache {
  /**
   * Frames [start, end) within the recording, in blocks that belong to the cache: not to be written to. What is `around` them will be asked
   * for next, and is read with them unless it is long. `mixed`: blocks may hold the mean of the channels alone.
   */
  blocks(
    path: string,
    recording: Recording,
    frames: Range,
    signal?: AbortSignal,
    around?: Range,
    mixed?: boolean,
  ): AsyncIterable<Float32Array[]>
  drop(id: string): void
}

interface Entry {
  stretch: Promise<Stretch>
  frames: Range
  bytes: number
  /** questions that wait for it: it is decoded to its end for them, dropped or not */
  waiting: number
  ending: AbortController
}

const covers = (outer: Range, inner: Range): boolean => outer[0] <= inner[0] && outer[1] >= inner[1]

/** Settles as `promise` does, but at once when `signal` is aborted; the shared work goes on for others. */
const unlessAborted = async <T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> => {
  if (!signal) return promise
  signal.throwIfAborted()
  let stop = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop))
}

/** `known` says what was found of a recording when it was opened, and throws where its file is another now. Its sound is for eyes and ears: it may be as close as `regionBlocks` says. */
export const createSoundCache = (
  budgetBytes: number,
  known: (id: string) => Promise<Opened | undefined> = () => Promise.resolve(undefined),
): SoundCache => {
  const entries = new Map<string, Entry>()
  /** asked for each time sound is decoded: a file may have been moved */
  const sourceOf = async (
    path: string,
    { id, name, channel, raw }: Recording,
    signal: AbortSignal | undefined,
  ): Promise<[path: string, options: RegionOptions]> => {
    const opened = await known(id)
    return [opened?.path ?? path, { signal, name, opened, likeness: 'close', channel: channel?.number, raw }]
  }
  const endUnlessAwaited = (entry: Entry): void => {
    if (entry.waiting === 0) entry.ending.abort()
  }
  const drop = (id: string): void => {
    const entry = entries.get(id)
    entries.delete(id)
    if (entry) endUnlessAwaited(entry)
  }
  /** least recently used first; the newest stays whatever its size */
  const evict = (): void => {
    let bytes = [...entries.values()].reduce((sum, entry) => sum + entry.bytes, 0)
    for (const [id, entry] of [...entries].slice(0, -1)) {
      if (bytes <= budgetBytes) return
      bytes -= entry.bytes
      drop(id)
    }
  }
  const load = (path: string, recording: Recording, frames: Range): Entry => {
    const ending = new AbortController()
    const stretch = sourceOf(path, recording, ending.signal)
      .then(([source, options]) => decodeRegion(source, frames, options))
      .then((channels) => ({ offset: frames[0], channels }))
    const bytes = (frames[1] - frames[0]) * recording.channels * 4
    const entry: Entry = { stretch, frames, bytes, waiting: 0, ending }
    drop(recording.id)
    entries.set(recording.id, entry)
    stretch.catch(() => {
      if (entries.get(recording.id) === entry) entries.delete(recording.id)
    })
    evict()
    return entry
  }
  return {
    drop,
    async *blocks(path, recording, frames, signal, around = frames, mixed = false) {
      const known = entries.get(recording.id)
      const isThere = known && covers(known.frames, frames)
      const span = isThere ? known.frames : spanFor(recording, frames, around, budgetBytes / 2)
      if (!span) {
        const [source, options] = await sourceOf(path, recording, signal)
        yield* regionBlocks(source, frames, { ...options, mixed })
        return
      }
      const entry = isThere ? known : load(path, recording, span)
      entries.delete(recording.id)
      entries.set(recording.id, entry)
      entry.waiting++
      const { offset, channels } = await unlessAborted(entry.stretch, signal).finally(() => {
        entry.waiting--
        if (entries.get(recording.id) !== entry) endUnlessAwaited(entry)
      })
      yield channels.map((samples) => samples.subarray(frames[0] - offset, frames[1] - offset))
    },
  }
}

/** A pan finds this much on either side, at least; and half as much as was asked for. */
const leastMarginSeconds = 5
/** Further around, each question waits for its own sound alone, and nothing is kept: the next is about another stretch. */
const mostAroundSeconds = 120

/** What to decode and keep for a question about `frames`; null where it is too long to be kept. */
const spanFor = (recording: Recording, frames: Range, around: Range, limitBytes: number): Range | null => {
  const limit = Math.floor(limitBytes / (recording.channels * 4))
  if (recording.frames <= limit) return [0, recording.frames]
  const [start, end] = [Math.min(frames[0], around[0]), Math.max(frames[1], around[1])]
  const length = end - start
  if (length > Math.min(limit, mostAroundSeconds * recording.rate)) return null
  const margin = Math.floor(Math.min(Math.max(length / 2, leastMarginSeconds * recording.rate), (limit - length) / 2))
  return [Math.max(0, start - margin), Math.min(recording.frames, end + margin)]
}
