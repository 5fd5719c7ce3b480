import type { RawFormat } from '../../contract/raw-format.ts'
import type { Recording } from '../../contract/recording.ts'
import type { Overview } from '../../signal/overview.ts'

/**
 * A file being decoded, at its native rate: float32 in [-1, 1] unless the file exceeds it. `blocks` may be iterated once; leaving the loop ends whatever
 * was started for it. Blocks hold one array per channel, of equal length, and are the caller's to keep, but where they were asked for `lent`.
 */
export interface Decoding {
  rate: number
  channels: number
  /** blocks hold the mean of the channels and nothing else, as `mono` makes it */
  mixed?: true
  /** channels of the file, where one of them was asked for */
  of?: number
  /** as ffmpeg names it: "mp3", "pcm_s24le" … */
  codec: string
  /** "ffmpeg 5.1.9", or the name of the built-in decoder */
  decoder: string
  /** seconds the file's header promises; null where it promises nothing */
  secondsPromised: number | null
  /** how many sound tracks the file has, of which this is the first; asked when its blocks have been read */
  tracks?: () => number
  blocks: AsyncIterable<Float32Array[]>
}

/** A file, and what sentences call it: an upload lies under another name than its own. */
export interface NamedFile {
  path: string
  /** on one line (shown-name.ts) */
  name: string
}

export interface DecodeOptions {
  /** what errors call the file; its own name unless given */
  name?: string | undefined
  /** `built-in` leaves ffmpeg aside even where it is there */
  decoder?: 'auto' | 'built-in'
  /** this one alone */
  channel?: number | undefined
  /** how a file without a header is read */
  raw?: RawFormat | undefined
  /** a file that decodes to more, and to more than 25 times its size, is refused as a trap; 40 GB unless given */
  limitBytes?: number | undefined
  signal?: AbortSignal | undefined
}

export interface Opened {
  recording: Recording
  path: string
  /** what the system said of the file (file-identity.ts) */
  identity: string | null
  overview: Overview
}
