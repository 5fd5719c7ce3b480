import { rawText, type RawFormat } from './raw-format.ts'
import type { Range } from './tensor.ts'

/**
 * An opened file, or one of its channels. `id` is the SHA-256 of the file's bytes, in hex, and behind that how it was read where it
 * has no header, and a channel's number: the same file opened twice is the same recording.
 */
export interface Recording {
  id: string
  /** one of so many, from 0 on; left out for all channels, which the models hear as their mean */
  channel?: { number: number; of: number }
  /** how a file without a header was read: another reading is another recording */
  raw?: RawFormat
  /** the file's own name, without its folder; text, never markup */
  name: string
  seconds: number
  /** frames (samples per channel) as decoded, at `rate` */
  frames: number
  rate: number
  channels: number
  bytes: number
  /** "mp3", "pcm_s24le" … as the decoder names it */
  codec: string
  /** what decoded it: "ffmpeg 5.1.9" or the name of the built-in decoder */
  decoder: string
  /** one of the shipped samples */
  sample: boolean
  /** sentences: "silence", "truncated: 3.2 s of the 10 s its header promises" … */
  warnings: string[]
}

/** What `id` is where all channels are meant. */
export const fileHash = ({ id }: Pick<Recording, 'id'>): string => id.slice(0, 64)

export const recordingId = (
  hash: string,
  { channel, raw }: { channel?: number | undefined; raw?: RawFormat | undefined },
): string => `${hash}${raw ? `~${rawText(raw)}` : ''}${channel === undefined ? '' : `.${channel}`}`

/** "left", "right"; "channel 3" where there are more than two. */
export const channelName = ({ number, of }: NonNullable<Recording['channel']>): string =>
  of === 2 ? ['left', 'right'][number]! : `channel ${number}`

/** What the file is called, of a recording that is one channel of it and named for that (engine/audio/open.ts). */
export const fileNameOf = ({ name, channel }: Pick<Recording, 'name' | 'channel'>): string =>
  channel ? name.replace(` (${channelName(channel)})`, '') : name

/** Each is read for itself: more channels than this are opened one by one. */
export const mostSplit = 64

/** Half-open, in seconds from the recording's start. */
export type Region = Range

/** What is analysed unless somebody says otherwise: the first 5 s, or the whole of a shorter recording. */
export const defaultRegion = ({ seconds }: Pick<Recording, 'seconds'>): Region => [0, Math.min(5, seconds)]

/** Envelope of a stretch, one entry per column; mono as the models hear it, in [-1, 1] unless the file exceeds it. */
export interface Peaks {
  range: Region
  min: Float32Array
  max: Float32Array
  rms: Float32Array
}
