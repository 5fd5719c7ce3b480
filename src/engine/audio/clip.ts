import type { Recording, Region } from '../../contract/recording.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Range } from '../../contract/tensor.ts'
import { framesNeeded, resampledLength, resampleRange } from '../../signal/resample.ts'
import { checkFile } from './check-file.ts'
import type { DecodeOptions, Opened } from './audio.ts'
import { decodeRegion } from './region-blocks.ts'
import { mono } from '../../signal/mono.ts'
import { createPace } from '../pace.ts'
import { shownName } from './shown-name.ts'

/** A stretch of a recording as a model hears it. */

export interface Clip {
  /** mono, at the rate asked for */
  samples: Float32Array
  /** in seconds of the recording, as read: its end may have been clipped */
  region: Region
  warnings: string[]
}

/** An end this far past the recording is rounding, not a mistake. */
const tolerance = 0.1

const shown = (value: number): string => `${Number(value.toFixed(3))} s`

/**
 * Region [start, end) in seconds against a recording's length: an end up to 0.1 s past it is clipped with a warning. Throws
 * EngineError `bad-region` for anything else outside, and for a region that is empty or upside down.
 */
export const checkRegion = (
  recording: Pick<Recording, 'name' | 'seconds'>,
  region: Region,
): { region: Region; warnings: string[] } => {
  const [start, end] = region
  const length = recording.seconds
  const name = shownName(recording.name)
  const refuse = (why: string): EngineError =>
    new EngineError('bad-region', `region ${start}:${end} ${why}; ${name} is ${shown(length)} long`)
  if (!Number.isFinite(start) || !Number.isFinite(end)) throw refuse('is not two numbers of seconds')
  if (start < 0) throw refuse('begins before the recording')
  if (start >= end) throw refuse('ends before it begins')
  if (start >= length) throw refuse('begins after the end of the recording')
  if (end <= length) return { region: [start, end], warnings: [] }
  if (end > length + tolerance) throw refuse('reaches past the end of the recording')
  return {
    region: [start, length],
    warnings: [`the region's end was clipped from ${end} s to ${shown(length)}, the end of ${name}`],
  }
}

/** Samples [start, end) at `rate` that a checked region covers: 5 s at 16 kHz are 80 000 wherever they begin. */
export const clipRange = (recording: Recording, region: Region, rate: number): Range => [
  Math.round(region[0] * rate),
  Math.min(Math.round(region[1] * rate), resampledLength(recording.frames, recording.rate, rate)),
]

const outputsPerSlice = 2048

/**
 * Reads a region as mono at `rate`: the same samples as that stretch of the whole recording, mixed and resampled; with its overview
 * compressed sound need not be decoded from its beginning. Throws
 * `bad-region`, `not-finite`, and what decoding throws; `bad-recording` where the file is not the one that was opened.
 */
export const readClip = async (
  path: string,
  recording: Recording,
  region: Region,
  rate: number,
  signal?: AbortSignal,
  decoder: DecodeOptions['decoder'] = 'auto',
  overview?: Opened['overview'],
): Promise<Clip> => {
  const checked = checkRegion(recording, region)
  const output = clipRange(recording, checked.region, rate)
  const name = shownName(recording.name)
  if (output[0] >= output[1])
    throw new EngineError(
      'bad-region',
      `region ${region[0]}:${region[1]} of ${name} is shorter than a sample at ${rate} Hz`,
    )
  const { size } = await checkFile(path, name)
  if (size !== recording.bytes)
    throw new EngineError('bad-recording', `${name} has changed since it was opened; open it again`)
  const needed = framesNeeded(output, recording.rate, rate)
  const frames: Range = [Math.max(0, needed[0]), Math.min(recording.frames, needed[1])]
  const opened = overview && { recording, overview }
  const heard = mono(
    await decodeRegion(path, frames, {
      signal,
      decoder,
      name,
      opened,
      channel: recording.channel?.number,
      raw: recording.raw,
    }),
  )
  const broken = heard.findIndex((value) => !Number.isFinite(value))
  if (broken >= 0)
    throw new EngineError(
      'not-finite',
      `${name} has NaN or infinite sound at ${((frames[0] + broken) / recording.rate).toFixed(4)} s; repair it first`,
    )
  const pace = createPace(signal)
  const samples = new Float32Array(output[1] - output[0])
  for (let at = output[0]; at < output[1]; at += outputsPerSlice) {
    await pace()
    const slice: Range = [at, Math.min(output[1], at + outputsPerSlice)]
    samples.set(resampleRange(heard, frames[0], recording.rate, rate, slice), at - output[0])
  }
  return { samples, ...checked }
}
