import { rawFrameBytes, type RawFormat } from '../../contract/raw-format.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Decoding, NamedFile } from './audio.ts'
import { checkFile } from './check-file.ts'
import type { ChosenDecoder } from './decode.ts'
import { decodeWithFfmpeg, ffmpegName } from './ffmpeg-decoding.ts'
import { findFfmpeg } from './ffmpeg.ts'

/** Samples without a header, read as somebody says: every frame is where it can be counted to be. */

/** Whole frames of a file, and the bytes at its end that make none. */
export const rawLength = (bytes: number, format: RawFormat): { frames: number; rest: number } => {
  const sound = Math.max(0, bytes - format.skip)
  const frames = Math.floor(sound / rawFrameBytes(format))
  return { frames, rest: sound - frames * rawFrameBytes(format) }
}

/** Throws EngineError `no-decoder` without ffmpeg, `bad-recording` where no whole frame is left. */
export const chooseRaw = async (file: NamedFile, format: RawFormat): Promise<ChosenDecoder> => {
  const { size } = await checkFile(file.path, file.name)
  const { frames } = rawLength(size, format)
  if (frames === 0)
    throw new EngineError(
      'bad-recording',
      `${file.name} has ${size} bytes: behind the ${format.skip} that are skipped there is no whole frame of ${rawFrameBytes(format)}`,
    )
  const ffmpeg = await findFfmpeg()
  if (!('path' in ffmpeg))
    throw new EngineError(
      'no-decoder',
      `${file.name} has no header, and needs ffmpeg to open: install ffmpeg or set FFMPEG_BIN to it`,
    )
  const startAt = async (frame: number, signal?: AbortSignal): Promise<Decoding> => {
    const skip = format.skip + frame * rawFrameBytes(format)
    const decoding = await decodeWithFfmpeg(ffmpeg, file, signal, { raw: { ...format, skip } })
    return { ...decoding, secondsPromised: frames / format.rate }
  }
  return { name: ffmpegName(ffmpeg), start: (signal) => startAt(0, signal), startAt }
}
