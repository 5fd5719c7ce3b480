import { open } from 'node:fs/promises'
import { EngineError } from '../../contract/errors.ts'
import type { DecodeOptions, Decoding, NamedFile } from './audio.ts'
import { checkFile } from './check-file.ts'
import { decodeWithFfmpeg, ffmpegName } from './ffmpeg-decoding.ts'
import { findFfmpeg, type FfmpegWish } from './ffmpeg.ts'
import { decodeOpus, opusDecoderName } from './opus-decoding.ts'
import { chooseRaw } from './raw-decoding.ts'
import { afterTags, mp3Channels } from './mp3-frames.ts'
import { holdsAmr } from './mp4-amr.ts'
import { createPace } from '../pace.ts'
import { shownName } from './shown-name.ts'
import { containerName, sniff, sniffLength, type Container } from './sniff.ts'
import { trimBlocks } from './trim.ts'
import { decodeWithWasm, wasmDecoderName, type WasmFormat } from './wasm-decoding.ts'
import { decodeWav, isPlainWav, wavDecoderName, wavPromise } from './wav-decoding.ts'

/** Any recording to samples: by ffmpeg where it is, else by a built-in decoder where there is one. */

/**
 * Decoded bytes at which a small file counts as a trap and not as a recording: 24 h of stereo at 48 kHz is 33 GB. A file may have so many times its
 * own bytes in any case: MP3 of 64 kbit/s has 22 times as many, WAV at most four.
 */
const [decodedLimitBytes, decodedPerByte] = [40e9, 25]

/** The first bytes of a file, as `sniff` wants them; or those from a place on. */
export const readBeginning = async (path: string, from = 0): Promise<Uint8Array> => {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(sniffLength), 0, sniffLength, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

interface BuiltIn {
  name: string
  start(
    file: NamedFile,
    signal?: AbortSignal,
    options?: { lent: boolean; mixed: boolean },
  ): Decoding | Promise<Decoding>
}

const wasm = (format: WasmFormat): BuiltIn => ({
  name: wasmDecoderName[format],
  start: (file, signal) => decodeWithWasm(file, format, signal),
})

const builtIn: Partial<Record<Container, BuiltIn>> = {
  wav: { name: wavDecoderName, start: decodeWav },
  mp3: wasm('mp3'),
  flac: wasm('flac'),
  'ogg-flac': wasm('flac'),
  'ogg-vorbis': wasm('vorbis'),
  'ogg-opus': { name: opusDecoderName, start: decodeOpus },
}

const needsFfmpeg = (name: string, container: Container): EngineError => {
  const what = container === 'unknown' ? 'is in a format that Otoscope does not know' : `is ${containerName[container]}`
  return new EngineError(
    'no-decoder',
    `${name} ${what}, which needs ffmpeg to open: install ffmpeg or set FFMPEG_BIN to it`,
  )
}

/** How a file will be decoded, before anything is started. */
export interface ChosenDecoder {
  /** what `Decoding.decoder` will say */
  name: string
  /**
   * `lent`: a block's memory is used again for the next, which is faster where nothing is kept. `mixed`: the mean of the channels is all
   * that is wanted; it comes alone where that is less to hand over and the same bits as `mono` makes
   */
  start(signal?: AbortSignal, lent?: boolean, mixed?: boolean): Promise<Decoding>
  /** from a frame on, exactly; where the frames of a file can be counted without decoding them */
  startAt?(frame: number, signal?: AbortSignal, lent?: boolean, mixed?: boolean): Promise<Decoding>
  /** from a frame on as far as the file's own timestamps say where that is, and what the decoder remembers says how it sounds */
  seek?(frame: number, rate: number, signal?: AbortSignal, lent?: boolean): Promise<Decoding>
}

/** What a decoder hears before its samples count: MP3 needs 75 ms, Opus 80; seeks land on any packet before. */
const preRollSeconds = 1

/**
 * Throws what `checkFile` throws, EngineError `bad-recording` for what is no audio, `no-decoder` for what only ffmpeg could open; what
 * is started throws `bad-input` for a channel that is not there.
 */
export const chooseDecoder = async (
  file: NamedFile,
  { decoder: wanted, channel, raw, limitBytes }: Pick<DecodeOptions, 'decoder' | 'channel' | 'raw' | 'limitBytes'> = {},
): Promise<ChosenDecoder> => {
  const chosen = await (raw ? chooseRaw(file, raw) : chooseWhole(file, wanted, limitBytes))
  if (channel === undefined) return chosen
  const { name, start, startAt, seek } = chosen
  const only = (decoding: Decoding): Decoding => onlyChannel(decoding, channel, file.name)
  return {
    name,
    start: async (signal, lent) => only(await start(signal, lent)),
    ...(startAt && { startAt: async (frame, signal, lent) => only(await startAt(frame, signal, lent)) }),
    ...(seek && { seek: async (...at) => only(await seek(...at)) }),
  }
}

const onlyChannel = (decoding: Decoding, channel: number, name: string): Decoding => {
  if (channel >= decoding.channels)
    throw new EngineError('bad-input', `${name} has no channel ${channel}: it has ${decoding.channels}, from 0 on`)
  async function* blocks(): AsyncGenerator<Float32Array[]> {
    for await (const block of decoding.blocks) yield [block[channel]!]
  }
  return { ...decoding, channels: 1, of: decoding.channels, blocks: blocks() }
}

const chooseWhole = async (
  file: NamedFile,
  wanted: DecodeOptions['decoder'] = 'auto',
  limit = decodedLimitBytes,
): Promise<ChosenDecoder> => {
  const { size } = await checkFile(file.path, file.name)
  const limitBytes = Math.max(limit, decodedPerByte * size)
  const beginning = await readBeginning(file.path)
  const sniffed = sniff(beginning)
  if ('notAudio' in sniffed)
    throw new EngineError('bad-recording', `${file.name} is ${sniffed.notAudio}, not a recording`)
  const { container } = sniffed
  const own = builtIn[container]
  // plain PCM is read as it lies in the file: its frames are found by counting, and no child is needed
  const plain = container === 'wav' && isPlainWav(file.path)
  const ffmpeg = wanted === 'auto' && !plain ? await findFfmpeg() : { reason: 'not asked for' }
  if ('path' in ffmpeg) {
    const wish: FfmpegWish = {
      bits: container === 'flac' && flacBits(beginning) <= 16 ? 16 : 32,
      fillGaps: container === 'amr' || (container === 'mp4' && (await holdsAmr(file.path))),
    }
    return {
      name: ffmpegName(ffmpeg),
      start: async (signal, lent = false, wanted = false) => {
        const mixed = wanted && container === 'mp3' && (await mp3ChannelsOf(file.path, beginning)) === 2
        const decoding = await decodeWithFfmpeg(ffmpeg, file, signal, { ...wish, lent, mixed })
        return limited(withPromise(decoding, file.path, container), file.name, limitBytes)
      },
      seek: async (frame, rate, signal, lent = false) => {
        const early = Math.max(0, frame - Math.round(preRollSeconds * rate))
        const decoding = await decodeWithFfmpeg(ffmpeg, file, signal, { ...wish, lent, seconds: early / rate })
        return { ...decoding, blocks: trimBlocks(decoding.blocks, frame - early, Infinity) }
      },
    }
  }
  if (!own) throw needsFfmpeg(file.name, container)
  const start = async (signal?: AbortSignal, lent = false, mixed = false): Promise<Decoding> =>
    limited(await own.start(file, signal, { lent, mixed }), file.name, limitBytes)
  if (!plain) return { name: own.name, start }
  return {
    name: own.name,
    start,
    startAt: async (first, signal, lent = false, mixed = false) => decodeWav(file, signal, { first, lent, mixed }),
  }
}

/** Its first frame may lie behind a picture. */
const mp3ChannelsOf = async (path: string, beginning: Uint8Array): Promise<1 | 2 | null> => {
  const at = afterTags(beginning)
  return mp3Channels(at + sniffLength / 2 < beginning.length ? beginning : await readBeginning(path, at))
}

/** Bits of a sample by the STREAMINFO block that every FLAC file begins with (RFC 9639, 8.2). */
const flacBits = (bytes: Uint8Array): number => (((bytes[20]! & 1) << 4) | (bytes[21]! >> 4)) + 1

/** Starts decoding a file; throws as `chooseDecoder` does. */
export const startDecoding = async (path: string, options: DecodeOptions = {}): Promise<Decoding> => {
  const file: NamedFile = { path, name: shownName(options.name ?? path) }
  return (await chooseDecoder(file, options)).start(options.signal)
}

/** ffmpeg tells the length of a WAV file from its size, even where its header promises more. */
const withPromise = (decoding: Decoding, path: string, container: Container): Decoding =>
  container === 'wav' ? { ...decoding, secondsPromised: wavPromise(path) ?? decoding.secondsPromised } : decoding

const limited = (decoding: Decoding, name: string, limitBytes: number): Decoding => ({
  ...decoding,
  blocks: limitedBlocks(decoding, name, limitBytes),
})

async function* limitedBlocks(decoding: Decoding, name: string, limitBytes: number): AsyncGenerator<Float32Array[]> {
  let bytes = 0
  for await (const block of decoding.blocks) {
    bytes += (block[0]?.byteLength ?? 0) * decoding.channels
    if (bytes > limitBytes)
      throw new EngineError('bad-recording', `${name} decodes to more than ${limitBytes / 1e9} GB; cut it into parts`)
    yield block
  }
}

/** Blocks as one array per channel; a single block is handed on as it is. */
export const joinBlocks = async (
  blocks: AsyncIterable<Float32Array[]> | Iterable<Float32Array[]>,
  channels: number,
): Promise<Float32Array[]> => {
  const kept: Float32Array[][] = []
  for await (const block of blocks) kept.push(block)
  if (kept.length === 1) return kept[0]!
  const frames = kept.reduce((sum, block) => sum + (block[0]?.length ?? 0), 0)
  const pace = createPace()
  const joined = Array.from({ length: channels }, () => new Float32Array(frames))
  let at = 0
  for (const block of kept) {
    block.forEach((samples, channel) => joined[channel]!.set(samples, at))
    at += block[0]?.length ?? 0
    await pace()
  }
  return joined
}
