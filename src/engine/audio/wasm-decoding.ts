import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { EngineError } from '../../contract/errors.ts'
import { planar } from '../../formats/wav.ts'
import { resource } from '../paths.ts'
import type { Decoding, NamedFile } from './audio.ts'
import { readMp3Start } from './mp3-frames.ts'
import { createPace } from '../pace.ts'
import { trimBlocks } from './trim.ts'

/** MP3, FLAC and Ogg Vorbis without ffmpeg, by resources/decoders/decoders.wasm (made by tools/decoders). */

export type WasmFormat = 'mp3' | 'flac' | 'vorbis'

const kinds: Record<WasmFormat, number> = { mp3: 1, flac: 2, vorbis: 3 }
export const wasmDecoderName: Record<WasmFormat, string> = {
  mp3: 'built-in dr_mp3',
  flac: 'built-in dr_flac',
  vorbis: 'built-in stb_vorbis',
}

interface Exports {
  memory: WebAssembly.Memory
  _initialize(): void
  reserve(bytes: number): number
  open(kind: number, start: number): number
  next(): number
  samples(): number
  rate(): number
  channels(): number
  promised(): number
}

let compiled: WebAssembly.Module | undefined

/** A fresh instance per file: its memory goes when the loop over its blocks ends. */
const instantiate = (): Exports => {
  compiled ??= new WebAssembly.Module(readFileSync(resource('decoders', 'decoders.wasm')))
  const exports = new WebAssembly.Instance(compiled, {}).exports as unknown as Exports
  exports._initialize()
  return exports
}

/** The module has 2 GB in all, for the file and for its own tables. */
const largestFile = 1_500_000_000

const damaged = (name: string): EngineError =>
  new EngineError('bad-recording', `${name} cannot be decoded as audio; it may be damaged`)

export const decodeWithWasm = async (
  { path, name }: NamedFile,
  format: WasmFormat,
  signal?: AbortSignal,
): Promise<Decoding> => {
  const file = await readFile(path, { signal })
  if (file.length > largestFile)
    throw new EngineError('no-decoder', `${name} is too big to decode without ffmpeg; install ffmpeg or set FFMPEG_BIN`)
  const mp3 = format === 'mp3' ? readMp3Start(file) : null
  if (format === 'mp3' && !mp3) throw damaged(name)
  const decoder = instantiate()
  const at = decoder.reserve(file.length)
  if (at === 0) throw damaged(name)
  new Uint8Array(decoder.memory.buffer, at, file.length).set(file)
  if (!decoder.open(kinds[format], mp3?.offset ?? 0)) throw damaged(name)
  const first = nextBlock(decoder, name)
  if (!first) throw damaged(name)
  const rate = decoder.rate()
  const promised = mp3 ? mp3.promised : decoder.promised() || null
  const blocks = readBlocks(decoder, first, name, signal)
  return {
    rate,
    channels: first.length,
    codec: format,
    decoder: wasmDecoderName[format],
    secondsPromised: promised === null ? null : promised / rate,
    blocks: mp3 ? trimBlocks(blocks, mp3.start, mp3.end) : blocks,
  }
}

/** One array per channel; null at the end. The first blocks of a Vorbis file may be empty. */
const nextBlock = (decoder: Exports, name: string): Float32Array[] | null => {
  try {
    const frames = decoder.next()
    if (frames <= 0) return null
    const channels = decoder.channels()
    return planar(new Float32Array(decoder.memory.buffer, decoder.samples(), frames * channels), channels)
  } catch {
    // a trap: the module met something it could not survive, and is not used again
    throw damaged(name)
  }
}

async function* readBlocks(
  decoder: Exports,
  first: Float32Array[],
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array[]> {
  const pace = createPace(signal)
  const rate = decoder.rate()
  for (let block: Float32Array[] | null = first; block; block = nextBlock(decoder, name)) {
    if (decoder.rate() !== rate || block.length !== first.length)
      throw new EngineError(
        'no-decoder',
        `${name} changes its rate or channels on the way; install ffmpeg or set FFMPEG_BIN to open it`,
      )
    yield block
    await pace()
  }
}
