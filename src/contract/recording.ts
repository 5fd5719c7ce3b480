import type { Range } from './tensor.ts'

/** An opened file. `id` is the SHA-256 of its bytes, in hex: the same file opened twice is the same recording. */
export interface Recording {
  id: string
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
