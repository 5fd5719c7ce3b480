import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { EngineError, messageOf } from '../../contract/errors.ts'
import { decodeWavFrames, readWavLayout, wavCodec, WavEncodingError, type WavLayout } from '../../formats/wav.ts'
import { decodeWavMean, hasWavMean } from '../../formats/wav-mean.ts'
import type { Decoding, NamedFile } from './audio.ts'
import { createPace } from '../pace.ts'

/** WAV files without ffmpeg. */

export const wavDecoderName = 'built-in WAV reader'

/** small enough to stay in the processor's cache from reading to measuring */
const blockBytes = 2 ** 17
/** so many are read from the file at a time, while what was read before is decoded */
const blocksAtOnce = 8

const layoutOf = (path: string): WavLayout => {
  const file = openSync(path, 'r')
  try {
    const read = (offset: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
    }
    return readWavLayout(read, fstatSync(file).size)
  } finally {
    closeSync(file)
  }
}

const explain = (error: unknown, name: string): EngineError => {
  const what = `${name} ${messageOf(error)}`
  return error instanceof WavEncodingError
    ? new EngineError('no-decoder', `${what}, which need ffmpeg to open: install ffmpeg or set FFMPEG_BIN to it`)
    : new EngineError('bad-recording', `${what}; it may be damaged`)
}

const promiseOf = ({ framesPromised, rate }: WavLayout): number | null =>
  framesPromised === null ? null : framesPromised / rate

/** Seconds that a WAV file's header promises; null where it does not say or cannot be read here. */
export const wavPromise = (path: string): number | null => {
  try {
    return promiseOf(layoutOf(path))
  } catch {
    return null
  }
}

/** Whether the samples are uncompressed and lie without gaps, so that they can be read as they are. */
export const isPlainWav = (path: string): boolean => {
  try {
    return layoutOf(path).plain
  } catch {
    return false
  }
}

const readLayout = ({ path, name }: NamedFile): WavLayout => {
  try {
    return layoutOf(path)
  } catch (error) {
    throw explain(error, name)
  }
}

/** From frame `first` on. `lent`: a block's memory is used again for the next; `mixed`: the mean of the channels alone where it is read faster. */
export const decodeWav = (
  file: NamedFile,
  signal?: AbortSignal,
  { first = 0, lent = false, mixed: wanted = false } = {},
): Decoding => {
  const layout = readLayout(file)
  const mixed = wanted && hasWavMean(layout)
  return {
    rate: layout.rate,
    channels: layout.channels,
    ...(mixed && { mixed }),
    codec: wavCodec[layout.encoding],
    decoder: wavDecoderName,
    secondsPromised: promiseOf(layout),
    blocks: readBlocks(file.path, layout, { first, lent, mixed }, signal),
  }
}

async function* readBlocks(
  path: string,
  layout: WavLayout,
  { first, lent, mixed }: { first: number; lent: boolean; mixed: boolean },
  signal?: AbortSignal,
): AsyncGenerator<Float32Array[]> {
  const pace = createPace(signal)
  const file = await open(path, 'r')
  const { frameBytes, dataStart } = layout
  const blockFrames = Math.max(1, Math.floor(blockBytes / frameBytes))
  const framesAtOnce = blocksAtOnce * blockFrames
  const buffers = [0, 1].map(() => new Uint8Array(framesAtOnce * frameBytes))
  const readAt = (frame: number, turn: number): Promise<Uint8Array> => {
    const wanted = Math.max(0, Math.min(framesAtOnce, layout.frames - frame)) * frameBytes
    const into = buffers[turn % 2]!
    return file
      .read(into, 0, wanted, dataStart + frame * frameBytes)
      .then(({ bytesRead }) => into.subarray(0, bytesRead))
  }
  let coming = readAt(first, 0)
  let block: Float32Array[] = []
  try {
    for (let frame = first, turn = 1; frame < layout.frames; turn++) {
      const bytes = await coming
      const whole = Math.floor(bytes.length / frameBytes)
      if (whole === 0) return
      frame += whole
      coming = readAt(frame, turn)
      for (let at = 0; at < whole; at += blockFrames) {
        await pace()
        const part = bytes.subarray(at * frameBytes, Math.min(whole, at + blockFrames) * frameBytes)
        const into = lent ? block : []
        block = mixed ? [decodeWavMean(layout, part, into[0])] : decodeWavFrames(layout, part, into)
        yield block
      }
    }
  } finally {
    await coming.catch(() => undefined)
    await file.close()
  }
}
