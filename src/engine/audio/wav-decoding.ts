import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { EngineError, messageOf } from '../../contract/errors.ts'
import { decodeWavFrames, readWavLayout, wavCodec, WavEncodingError, type WavLayout } from '../../formats/wav.ts'
import type { Decoding, NamedFile } from './audio.ts'
import { createPace } from '../pace.ts'

/** WAV files without ffmpeg. */

const blockFrames = 16_384

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

const readLayout = ({ path, name }: NamedFile): WavLayout => {
  try {
    return layoutOf(path)
  } catch (error) {
    throw explain(error, name)
  }
}

export const decodeWav = (file: NamedFile, signal?: AbortSignal): Decoding => {
  const layout = readLayout(file)
  return {
    rate: layout.rate,
    channels: layout.channels,
    codec: wavCodec[layout.encoding],
    decoder: 'built-in WAV reader',
    secondsPromised: promiseOf(layout),
    blocks: readBlocks(file.path, layout, signal),
  }
}

async function* readBlocks(path: string, layout: WavLayout, signal?: AbortSignal): AsyncGenerator<Float32Array[]> {
  const pace = createPace(signal)
  const file = await open(path, 'r')
  try {
    const bytes = new Uint8Array(blockFrames * layout.frameBytes)
    for (let frame = 0; frame < layout.frames;) {
      await pace()
      const wanted = Math.min(blockFrames, layout.frames - frame) * layout.frameBytes
      const { bytesRead } = await file.read(bytes, 0, wanted, layout.dataStart + frame * layout.frameBytes)
      const whole = bytesRead - (bytesRead % layout.frameBytes)
      if (whole === 0) return
      yield decodeWavFrames(layout, bytes.subarray(0, whole))
      frame += whole / layout.frameBytes
    }
  } finally {
    await file.close()
  }
}
