import { open } from 'node:fs/promises'
import { EngineError } from '../../contract/errors.ts'
import type { Range } from '../../contract/tensor.ts'
import type { DecodeOptions, Decoding, NamedFile, Sound } from './audio.ts'
import { checkFile } from './check-file.ts'
import { decodeWithFfmpeg } from './ffmpeg-decoding.ts'
import { findFfmpeg } from './ffmpeg.ts'
import { decodeOpus } from './opus-decoding.ts'
import { createPace } from '../pace.ts'
import { shownName } from './shown-name.ts'
import { containerName, sniff, sniffLength, type Container } from './sniff.ts'
import { trimBlocks } from './trim.ts'
import { decodeWithWasm } from './wasm-decoding.ts'
import { decodeWav, wavPromise } from './wav-decoding.ts'

/** Any recording to samples: by ffmpeg where it is, else by a built-in decoder where there is one. */

/** Decoded bytes at which a file counts as a trap and not as a recording: 24 h of stereo at 48 kHz is 33 GB. */
const decodedLimit = 40e9

/** The first bytes of a file, as `sniff` wants them. */
export const readBeginning = async (path: string): Promise<Uint8Array> => {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(sniffLength), 0, sniffLength, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

const builtIn: Partial<Record<Container, (file: NamedFile, signal?: AbortSignal) => Decoding | Promise<Decoding>>> = {
  wav: decodeWav,
  mp3: (file, signal) => decodeWithWasm(file, 'mp3', signal),
  flac: (file, signal) => decodeWithWasm(file, 'flac', signal),
  'ogg-flac': (file, signal) => decodeWithWasm(file, 'flac', signal),
  'ogg-vorbis': (file, signal) => decodeWithWasm(file, 'vorbis', signal),
  'ogg-opus': decodeOpus,
}

const needsFfmpeg = (name: string, container: Container): EngineError => {
  const what = container === 'unknown' ? 'is in a format that Otoscope does not know' : `is ${containerName[container]}`
  return new EngineError(
    'no-decoder',
    `${name} ${what}, which needs ffmpeg to open: install ffmpeg or set FFMPEG_BIN to it`,
  )
}

/**
 * Starts decoding a file. Throws what `checkFile` throws, EngineError `bad-recording` for what is no audio, `no-decoder` for
 * what only ffmpeg could open.
 */
export const startDecoding = async (path: string, options: DecodeOptions = {}): Promise<Decoding> => {
  const { decoder = 'auto', signal } = options
  const name = shownName(options.name ?? path)
  await checkFile(path, name)
  const sniffed = sniff(await readBeginning(path))
  if ('notAudio' in sniffed) throw new EngineError('bad-recording', `${name} is ${sniffed.notAudio}, not a recording`)
  const ffmpeg = decoder === 'auto' ? await findFfmpeg() : { reason: 'not asked for' }
  const file: NamedFile = { path, name }
  if ('path' in ffmpeg)
    return limited(withPromise(await decodeWithFfmpeg(ffmpeg, file, signal), path, sniffed.container), name)
  const decode = builtIn[sniffed.container]
  if (!decode) throw needsFfmpeg(name, sniffed.container)
  return limited(await decode(file, signal), name)
}

/** ffmpeg tells the length of a WAV file from its size, even where its header promises more. */
const withPromise = (decoding: Decoding, path: string, container: Container): Decoding =>
  container === 'wav' ? { ...decoding, secondsPromised: wavPromise(path) ?? decoding.secondsPromised } : decoding

const limited = (decoding: Decoding, name: string): Decoding => ({ ...decoding, blocks: limitedBlocks(decoding, name) })

async function* limitedBlocks(decoding: Decoding, name: string): AsyncGenerator<Float32Array[]> {
  let bytes = 0
  for await (const block of decoding.blocks) {
    bytes += (block[0]?.byteLength ?? 0) * block.length
    if (bytes > decodedLimit)
      throw new EngineError('bad-recording', `${name} decodes to more than 40 GB; cut it into parts`)
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

/**
 * Frames [start, end) at the native rate: exactly what a slice of the whole decode has. Compressed sound is decoded from its
 * beginning and dropped by count, because a decoder that starts in the middle gives other samples at first and its
 * seeks are not exact.
 */
export const decodeRegion = async (path: string, region: Range, options: DecodeOptions = {}): Promise<Sound> => {
  const { rate, channels, blocks } = await startDecoding(path, options)
  return { rate, channels: await joinBlocks(trimBlocks(blocks, region[0], region[1]), channels) }
}
