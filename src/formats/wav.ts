/** WAV files: RIFF, its 64-bit form RF64, and what programs that write to a pipe make of it. Pure bytes in and out. */

export type WavEncoding = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64'

/** Where the samples of a WAV file lie. */
export interface WavLayout {
  rate: number
  channels: number
  encoding: WavEncoding
  /** bytes of one frame: all channels of one moment */
  frameBytes: number
  /** offset of the first sample in the file */
  dataStart: number
  /** whole frames that are in the file */
  frames: number
  /** frames the header promises; null where it leaves the length open, as a stream does */
  framesPromised: number | null
  /** its frames have no more bytes than their samples: some programs put 24 bits into four bytes and call them 24 */
  plain: boolean
}

/** A WAV file whose samples are neither whole numbers nor floats. */
export class WavEncodingError extends Error {}

const bytesOf: Record<WavEncoding, number> = { u8: 1, s16: 2, s24: 3, s32: 4, f32: 4, f64: 8 }

/** ffmpeg's names of the encodings. */
export const wavCodec: Record<WavEncoding, string> = {
  u8: 'pcm_u8',
  s16: 'pcm_s16le',
  s24: 'pcm_s24le',
  s32: 'pcm_s32le',
  f32: 'pcm_f32le',
  f64: 'pcm_f64le',
}

const tagInteger = 1
const tagFloat = 3
const tagExtensible = 0xfffe
/** written where a length is not known, and by RF64 where it does not fit */
const lengthOpen = 0xffffffff

const text = (view: DataView, at: number): string =>
  String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)))

/**
 * Finds the samples. `read(offset, length)` answers the bytes of the file that exist there, `size` is the file's length.
 * Throws an Error with half a sentence ("has no fmt chunk") where the file is no WAV file, a `WavEncodingError` where its
 * samples are compressed.
 */
export const readWavLayout = (read: (offset: number, length: number) => Uint8Array, size: number): WavLayout => {
  const viewAt = (offset: number, length: number): DataView | null => {
    const bytes = read(offset, length)
    return bytes.length < length ? null : new DataView(bytes.buffer, bytes.byteOffset, length)
  }
  const head = viewAt(0, 12)
  if (!head || !['RIFF', 'RF64'].includes(text(head, 0)) || text(head, 8) !== 'WAVE')
    throw new Error('does not begin as a WAV file does')
  let format: Format | null = null
  let length64: number | null = null
  for (let offset = 12; ;) {
    const chunk = viewAt(offset, 8)
    if (!chunk) throw new Error(format ? 'has no data chunk' : 'has no fmt chunk')
    const name = text(chunk, 0)
    const length = chunk.getUint32(4, true)
    if (name === 'fmt ') format = readFormat(viewAt(offset + 8, Math.min(length, 40)))
    // a recorder that is cut off never comes to write it
    if (name === 'ds64') length64 = Number(viewAt(offset + 8, 16)?.getBigUint64(8, true) ?? 0n) || null
    if (name === 'data') {
      if (!format) throw new Error('has its data chunk before its fmt chunk')
      const start = offset + 8
      return layout(format, start, size, length === lengthOpen ? length64 : lengthOf(length, size - start))
    }
    offset += 8 + length + (length % 2)
  }
}

const wrap = 2 ** 32
/** what programs put behind the samples */
const mostBehind = 2 ** 20

/** Of the bytes that are `there`: null where the length was left at 0, and all of a length that had no room in 32 bits and began again at 0. */
const lengthOf = (length: number, there: number): number | null => {
  if (length === 0) return null
  const lost = Math.floor((there - length) / wrap) * wrap
  return lost > 0 && there - length - lost <= mostBehind ? length + lost : length
}

type Format = Pick<WavLayout, 'rate' | 'channels' | 'encoding'> & { blockAlign: number }

const readFormat = (view: DataView | null): Format => {
  if (!view || view.byteLength < 16) throw new Error('has a fmt chunk that is too short')
  const channels = view.getUint16(2, true)
  const rate = view.getUint32(4, true)
  const bits = view.getUint16(14, true)
  const short = view.getUint16(0, true)
  // WAVE_FORMAT_EXTENSIBLE keeps the real tag in the first two bytes of its GUID
  const tag = short === tagExtensible && view.byteLength >= 26 ? view.getUint16(24, true) : short
  if (channels === 0 || rate === 0) throw new Error(`claims ${channels} channels at ${rate} Hz`)
  return { rate, channels, encoding: encodingOf(tag, bits), blockAlign: view.getUint16(12, true) }
}

const encodingOf = (tag: number, bits: number): WavEncoding => {
  if (tag === tagInteger && bits === 8) return 'u8'
  if (tag === tagInteger && (bits === 16 || bits === 24 || bits === 32)) return `s${bits}`
  if (tag === tagFloat && (bits === 32 || bits === 64)) return `f${bits}`
  throw new WavEncodingError(`holds ${bits}-bit samples of WAV format ${tag}`)
}

const layout = (
  { blockAlign, ...format }: Format,
  dataStart: number,
  size: number,
  promised: number | null,
): WavLayout => {
  const frameBytes = bytesOf[format.encoding] * format.channels
  const there = Math.max(0, size - dataStart)
  return {
    ...format,
    frameBytes,
    dataStart,
    frames: Math.floor(Math.min(there, promised ?? there) / frameBytes),
    framesPromised: promised === null ? null : Math.floor(promised / frameBytes),
    plain: blockAlign === frameBytes,
  }
}

/**
 * Whole frames as float32, one array per channel: integers divided by the half of their range, as ffmpeg does. Arrays `into` are written to
 * where they are as long.
 */
export const decodeWavFrames = (
  { channels, encoding, frameBytes }: Pick<WavLayout, 'channels' | 'encoding' | 'frameBytes'>,
  bytes: Uint8Array,
  into: readonly Float32Array[] = [],
): Float32Array[] => {
  const frames = Math.floor(bytes.length / frameBytes)
  const read = readers[encoding](bytes.subarray(0, frames * frameBytes))
  return Array.from({ length: channels }, (_, channel) => {
    const there = into[channel]
    const samples = there?.length === frames ? there : new Float32Array(frames)
    read(samples, channel, channels)
    return samples
  })
}

/** Interleaved samples as one array per channel. */
export const planar = (interleaved: Float32Array, channels: number): Float32Array[] =>
  Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(Math.floor(interleaved.length / channels))
    takeEvery(interleaved, samples, channel, channels, 1)
    return samples
  })

type Numbers = Int16Array | Int32Array | Float32Array | Float64Array

const takeEvery = (from: Numbers, samples: Float32Array, first: number, step: number, whole: number): void => {
  for (let i = 0, at = first; i < samples.length; i++, at += step) samples[i] = from[at]! / whole
}

/** The place of numbers of `size` bytes each, moved where their address is none that such numbers may have. */
export const placeOf = (bytes: Uint8Array, size: number): [ArrayBufferLike, number, number] => {
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  return [buffer, byteOffset, length / size]
}

type Reader = (samples: Float32Array, channel: number, channels: number) => void

/** Every processor this program runs on has the byte order of a WAV file. */
const numbers =
  (read: (...place: [ArrayBufferLike, number, number]) => Numbers, size: number, whole: number) =>
  (bytes: Uint8Array): Reader => {
    const from = read(...placeOf(bytes, size))
    return (samples, channel, channels) => takeEvery(from, samples, channel, channels, whole)
  }

/** Of 24 bits, two samples are three words: four times as fast as six bytes. */
const readPairs = (words: Uint16Array, samples: Float32Array, channel: number, channels: number): void => {
  const step = (3 * channels) >> 1
  let at = (3 * channel) >> 1
  if (channel % 2 === 0)
    for (let i = 0; i < samples.length; i++, at += step)
      samples[i] = ((words[at]! << 8) | (words[at + 1]! << 24)) / 2147483648
  else
    for (let i = 0; i < samples.length; i++, at += step)
      samples[i] = ((words[at]! & 0xff00) | (words[at + 1]! << 16)) / 2147483648
}

/** One channel of whole frames, each in a loop that the compiler can keep tight. */
const readers: Record<WavEncoding, (bytes: Uint8Array) => Reader> = {
  u8: (bytes) => (samples, channel, channels) => {
    for (let i = 0, at = channel; i < samples.length; i++, at += channels) samples[i] = (bytes[at]! - 128) / 128
  },
  s16: (bytes) => {
    const from = new Int16Array(...placeOf(bytes, 2))
    return (samples, channel, channels) => {
      for (let i = 0, at = channel; i < samples.length; i++, at += channels) samples[i] = from[at]! / 32768
    }
  },
  s24: (bytes) => (samples, channel, channels) => {
    if (channels % 2 === 0) return readPairs(new Uint16Array(...placeOf(bytes, 2)), samples, channel, channels)
    const step = 3 * channels
    for (let i = 0, at = 3 * channel; i < samples.length; i++, at += step)
      // the third byte ends up highest, so that its sign is the number's
      samples[i] = ((bytes[at]! << 8) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 24)) / 2147483648
  },
  s32: numbers((...place) => new Int32Array(...place), 4, 2147483648),
  f32: (bytes) => {
    const from = new Float32Array(...placeOf(bytes, 4))
    return (samples, channel, channels) => {
      for (let i = 0, at = channel; i < samples.length; i++, at += channels) samples[i] = from[at]!
    }
  },
  f64: numbers((...place) => new Float64Array(...place), 8, 1),
}

/** A WAV file of known length, filled a block at a time; what is never put is silence. */
export interface WavWriter {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** one array per channel, of equal length, from frame `first` of the file on */
  put(block: Float32Array[], first: number): void
}

/** 16-bit integers (rounded, and clipped to [-1, 1)) or float32. */
export const startWav = (
  { rate, channels, frames }: { rate: number; channels: number; frames: number },
  encoding: 's16' | 'f32' = 's16',
): WavWriter => {
  const step = bytesOf[encoding]
  const view = new DataView(new ArrayBuffer(44 + frames * channels * step))
  writeHeader(view, rate, channels, encoding)
  return {
    bytes: new Uint8Array(view.buffer),
    put: (block, first) =>
      block.forEach((samples, channel) => {
        let at = 44 + (first * channels + channel) * step
        for (const sample of samples) {
          if (encoding === 'f32') view.setFloat32(at, sample, true)
          else view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), true)
          at += channels * step
        }
      }),
  }
}

/** The same of sound that is all there; channels of equal length. */
export const writeWav = (
  { rate, channels }: { rate: number; channels: Float32Array[] },
  encoding: 's16' | 'f32' = 's16',
): Uint8Array<ArrayBuffer> => {
  const writer = startWav({ rate, channels: channels.length, frames: channels[0]?.length ?? 0 }, encoding)
  writer.put(channels, 0)
  return writer.bytes
}

const writeHeader = (view: DataView<ArrayBuffer>, rate: number, channels: number, encoding: 's16' | 'f32'): void => {
  const frameBytes = bytesOf[encoding] * channels
  const name = (at: number, word: string): void =>
    [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)))
  name(0, 'RIFF')
  view.setUint32(4, view.byteLength - 8, true)
  name(8, 'WAVE')
  name(12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, encoding === 'f32' ? tagFloat : tagInteger, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * frameBytes, true)
  view.setUint16(32, frameBytes, true)
  view.setUint16(34, bytesOf[encoding] * 8, true)
  name(36, 'data')
  view.setUint32(40, view.byteLength - 44, true)
}
