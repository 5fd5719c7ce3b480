import { isCancelled } from '../../contract/errors.ts'
import type { Range } from '../../contract/tensor.ts'
import { startOverview, type Overview } from '../../signal/overview.ts'
import type { DecodeOptions, NamedFile, Opened } from './audio.ts'
import { chooseDecoder, joinBlocks, type ChosenDecoder } from './decode.ts'
import { shownName } from './shown-name.ts'
import { trimBlocks } from './trim.ts'

/**
 * A stretch of a file without decoding all that stands before it. A seek into compressed sound is believed only where it is proved:
 * every bucket of the overview that the stretch touches must come out of it as it came out of the whole decode, by the print of
 * its samples' bits. Where one does not, the whole way is gone from there on, so that the samples are always those of a slice.
 */

export interface RegionOptions extends DecodeOptions {
  /** what is known of the whole; without it compressed sound is decoded from its beginning */
  opened?: Pick<Opened, 'recording' | 'overview'> | undefined
  /**
   * how samples may differ from the slice: `exact` not at all; `close` by what a predictive codec (Opus) still remembers of what it
   * did not hear, least, greatest and rms of every bucket within 0.001: for pictures and playback
   */
  likeness?: 'exact' | 'close'
  /** the mean of the channels is all that is wanted: blocks may hold it alone, where it is read faster */
  mixed?: boolean
}

/** Nearer to the beginning than this, decoding all of it is as fast. */
const nearSeconds = 10
const framesPerGroup = 65_536
const tolerance = 1e-3

/** Files whose seeks did not give the samples of the whole decode: these are not tried again while the program runs. */
const unprovable = new Set<string>()

/** Frames [start, end) at the native rate, of all channels unless `mixed`, within the recording. `lent`: a block's memory is used again for the next. */
export async function* regionBlocks(
  path: string,
  [start, end]: Range,
  options: RegionOptions = {},
  lent = false,
): AsyncGenerator<Float32Array[]> {
  if (start >= end) return
  const file: NamedFile = { path, name: shownName(options.name ?? path) }
  const decoder = await chooseDecoder(file, options)
  if (decoder.startAt) {
    const { blocks } = await decoder.startAt(start, options.signal, lent, options.mixed)
    return yield* trimBlocks(blocks, 0, end - start)
  }
  const at = yield* provedBlocks(file, decoder, [start, end], options, lent)
  if (at < end) yield* trimBlocks((await decoder.start(options.signal, lent)).blocks, at, end)
}

/** The same as one array per channel. */
export const decodeRegion = async (
  path: string,
  [start, end]: Range,
  options: RegionOptions = {},
): Promise<Float32Array[]> => {
  const { opened } = options
  if (!opened) {
    const kept: Float32Array[][] = []
    for await (const block of regionBlocks(path, [start, end], options)) kept.push(block)
    return joinBlocks(kept, kept[0]?.length ?? 0)
  }
  const most = Math.max(0, Math.min(end, opened.recording.frames) - start)
  let joined: Float32Array[] = []
  let frames = 0
  for await (const block of regionBlocks(path, [start, start + most], options, true)) {
    if (frames === 0) joined = block.map(() => new Float32Array(most))
    for (const [channel, samples] of block.entries()) joined[channel]!.set(samples, frames)
    frames += block[0]?.length ?? 0
  }
  return frames === most ? joined : joined.map((samples) => samples.subarray(0, frames))
}

/** Yields what a seek proves of the frames; returns the first frame that it does not. */
async function* provedBlocks(
  file: NamedFile,
  decoder: ChosenDecoder,
  [start, end]: Range,
  { opened, likeness = 'exact', signal }: RegionOptions,
  lent: boolean,
): AsyncGenerator<Float32Array[], number> {
  const key = `${file.path} ${likeness}`
  if (!opened || !decoder.seek || unprovable.has(key)) return start
  const { overview, recording } = opened
  const { framesPerBucket } = overview
  if (start < nearSeconds * recording.rate) return start
  const first = Math.floor(start / framesPerBucket)
  let at = start
  try {
    const decoding = await decoder.seek(first * framesPerBucket, recording.rate, signal, true)
    const groupFrames = framesPerBucket * Math.ceil(framesPerGroup / framesPerBucket)
    let bucket = first
    for await (const group of inGroups(decoding.blocks, decoding.channels, groupFrames, lent)) {
      if (!proves(group, overview, bucket, likeness)) break
      const offset = bucket * framesPerBucket
      const length = group[0]?.length ?? 0
      const to = Math.min(end, offset + length)
      if (at < to) yield group.map((samples) => samples.subarray(at - offset, to - offset))
      at = Math.max(at, to)
      bucket += Math.ceil(length / framesPerBucket)
      if (at >= end) return at
    }
  } catch (error) {
    if (signal?.aborted || isCancelled(error)) throw error
    // a damaged place, or a container that cannot be sought: the whole way says what is wrong, if anything is
  }
  unprovable.add(key)
  return at
}

/** The same sound in groups of exactly `frames`, but for the last; `lent`: a group's memory is used again for the next. */
async function* inGroups(
  blocks: AsyncIterable<Float32Array[]>,
  channels: number,
  frames: number,
  lent: boolean,
): AsyncGenerator<Float32Array[]> {
  const fresh = (): Float32Array[] => Array.from({ length: channels }, () => new Float32Array(frames))
  let group = fresh()
  let filled = 0
  for await (const block of blocks)
    for (let at = 0, length = block[0]?.length ?? 0; at < length;) {
      const to = Math.min(length, at + frames - filled)
      for (const [channel, samples] of block.entries()) group[channel]!.set(samples.subarray(at, to), filled)
      filled += to - at
      at = to
      if (filled < frames) continue
      yield group
      if (!lent) group = fresh()
      filled = 0
    }
  if (filled > 0) yield group.map((samples) => samples.subarray(0, filled))
}

/** Whether a group that begins with bucket `first` is what the overview was made of. */
const proves = (group: Float32Array[], overview: Overview, first: number, likeness: 'exact' | 'close'): boolean => {
  const { framesPerBucket } = overview
  const builder = startOverview(framesPerBucket, Math.ceil((group[0]?.length ?? 0) / framesPerBucket) + 1)
  builder.push(group)
  const found = builder.finish()
  for (const [i, print] of found.prints.entries()) {
    const bucket = first + i
    const same = likeness === 'close' ? isClose(found, i, overview, bucket) : overview.prints[bucket] === print
    if (!same) return false
    // channels that cancel each other out leave a print of silence, which proves nothing
    if (print === 0 && !isSilent(group, [i * framesPerBucket, (i + 1) * framesPerBucket])) return false
  }
  return true
}

const isClose = (a: Overview, i: number, b: Overview, j: number): boolean =>
  (['min', 'max', 'rms'] as const).every((part) => Math.abs(a[part][i]! - b[part][j]!) <= tolerance)

const isSilent = (group: Float32Array[], [start, end]: Range): boolean =>
  group.every((samples) => samples.subarray(start, end).every((value) => value === 0))
