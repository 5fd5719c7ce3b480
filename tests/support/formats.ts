import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRecording } from '../../src/engine/audio/open.ts'
import { decodeRegion } from '../../src/engine/audio/region-blocks.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { ffmpegPath } from './needs.ts'

/** One sound in every format that an ffmpeg can write, and where its clicks are once it is read again. */

export interface Format {
  name: string
  /** how the file's name ends */
  extension: string
  /** ffmpeg's options of the output */
  options: string[]
  /** ffmpeg's encoder, where a build may lack it */
  encoder?: string
  rate: number
  channels: number
  /** all of them are there after decoding: the click is one sample, at its value to within this */
  lossless?: number
  /** frames by which all of the sound comes late, and why, where the file does not say how much its encoder put before it */
  delay?: [frames: number, why: string]
}

const pcm = (codec: string, rate = 48_000, channels = 2): Pick<Format, 'options' | 'rate' | 'channels'> => ({
  options: ['-c:a', `pcm_${codec}`],
  rate,
  channels,
})
const coded = (encoder: string, ...more: string[]): Pick<Format, 'options' | 'encoder' | 'rate' | 'channels'> => ({
  options: [...more, '-c:a', encoder, '-strict', '-2'],
  encoder,
  rate: 48_000,
  channels: 2,
})
/** a picture that moves, so that the sound is a second stream */
const film = ['-f', 'lavfi', '-i', 'color=size=32x32:rate=5', '-map', '1:v', '-map', '0:a', '-shortest', '-c:v']
const [bits8, bits16, bits24] = [2 ** -7, 2 ** -15, 2 ** -23]
const exact = 1e-7

export const formats: Format[] = [
  { name: 'WAV, 8 bits', extension: 'wav', ...pcm('u8'), lossless: bits8 },
  { name: 'WAV, 16 bits', extension: 'wav', ...pcm('s16le', 44_100), lossless: bits16 },
  { name: 'WAV, 24 bits, 96 kHz', extension: 'wav', ...pcm('s24le', 96_000), lossless: bits24 },
  { name: 'WAV, 24 bits, four channels', extension: 'wav', ...pcm('s24le', 48_000, 4), lossless: bits24 },
  { name: 'WAV, 32 bits', extension: 'wav', ...pcm('s32le'), lossless: exact },
  { name: 'WAV, 64 bits', extension: 'wav', ...pcm('s64le'), lossless: exact },
  { name: 'WAV, float, 192 kHz', extension: 'wav', ...pcm('f32le', 192_000), lossless: exact },
  { name: 'WAV, double', extension: 'wav', ...pcm('f64le'), lossless: exact },
  { name: 'WAV, A-law', extension: 'wav', ...pcm('alaw', 8000, 1), lossless: 0.03 },
  { name: 'WAV, µ-law', extension: 'wav', ...pcm('mulaw', 8000, 1), lossless: 0.03 },
  {
    name: 'RF64',
    extension: 'wav',
    ...pcm('s24le'),
    options: ['-c:a', 'pcm_s24le', '-rf64', 'always'],
    lossless: bits24,
  },
  { name: 'Wave64', extension: 'w64', ...pcm('s24le'), lossless: bits24 },
  { name: 'AIFF, 16 bits', extension: 'aiff', ...pcm('s16be', 44_100), lossless: bits16 },
  { name: 'AIFF, 24 bits', extension: 'aif', ...pcm('s24be'), lossless: bits24 },
  { name: 'AIFF-C, float', extension: 'aiff', ...pcm('f32be'), lossless: exact },
  { name: 'CAF, 24 bits', extension: 'caf', ...pcm('s24be'), lossless: bits24 },
  { name: 'CAF, ALAC', extension: 'caf', ...coded('alac'), lossless: bits16 },
  { name: 'AU', extension: 'au', ...pcm('s16be'), lossless: bits16 },
  { name: 'Creative Voice', extension: 'voc', ...pcm('s16le', 44_100), lossless: bits16 },
  {
    name: 'IRCAM',
    extension: 'sf',
    ...pcm('s16le', 44_100),
    options: ['-c:a', 'pcm_s16le', '-f', 'ircam'],
    lossless: bits16,
  },
  { name: 'SoX', extension: 'sox', ...pcm('s32le'), lossless: exact },
  { name: 'FLAC, 16 bits', extension: 'flac', ...coded('flac', '-sample_fmt', 's16'), lossless: bits16 },
  {
    name: 'FLAC, 24 bits, 96 kHz',
    extension: 'flac',
    ...coded('flac', '-sample_fmt', 's32'),
    rate: 96_000,
    lossless: bits24,
  },
  { name: 'Ogg, FLAC', extension: 'oga', ...coded('flac'), lossless: bits16 },
  { name: 'ALAC', extension: 'm4a', ...coded('alac', '-sample_fmt', 's32p'), lossless: bits24 },
  { name: 'WavPack', extension: 'wv', ...coded('wavpack'), lossless: exact },
  { name: 'True Audio', extension: 'tta', ...coded('tta'), lossless: bits16 },
  { name: 'MP3, 128 kbit/s', extension: 'mp3', ...coded('libmp3lame', '-b:a', '128k') },
  { name: 'MP3, variable', extension: 'mp3', ...coded('libmp3lame', '-q:a', '4'), rate: 44_100 },
  {
    name: 'MP3, no Xing header',
    extension: 'mp3',
    ...coded('libmp3lame', '-write_xing', '0'),
    delay: [1105, 'LAME’s 576 and the decoder’s 529'],
  },
  { name: 'MP2', extension: 'mp2', ...coded('mp2'), delay: [481, 'the filters of encoder and decoder'] },
  { name: 'AAC in M4A', extension: 'm4a', ...coded('aac') },
  { name: 'AAC, ADTS', extension: 'aac', ...coded('aac'), delay: [1024, 'a block before the first'] },
  { name: 'Ogg Vorbis', extension: 'ogg', ...coded('libvorbis') },
  { name: 'Opus', extension: 'opus', ...coded('libopus') },
  {
    name: 'WMA 2',
    extension: 'wma',
    ...coded('wmav2'),
    rate: 44_100,
    delay: [-2048, 'ffmpeg’s encoder leaves out the first block'],
  },
  { name: 'AC-3', extension: 'ac3', ...coded('ac3'), delay: [256, 'half a block before the first'] },
  { name: 'E-AC-3', extension: 'eac3', ...coded('eac3'), delay: [256, 'half a block before the first'] },
  { name: 'DTS', extension: 'dts', ...coded('dca'), delay: [512, 'the filters of encoder and decoder'] },
  { name: 'TrueHD', extension: 'thd', ...coded('truehd'), lossless: bits16 },
  { name: 'MP4 film, AAC', extension: 'mp4', ...coded('aac', ...film, 'mpeg4') },
  { name: 'Matroska film, Vorbis', extension: 'mkv', ...coded('libvorbis', ...film, 'mpeg4') },
  {
    name: 'Flash film, MP3',
    extension: 'flv',
    ...coded('libmp3lame', ...film, 'flv'),
    rate: 44_100,
    delay: [1105, 'LAME’s 576 and the decoder’s 529'],
  },
  { name: 'WebM film, Opus', extension: 'webm', ...coded('libopus', ...film, 'libvpx') },
]

const seconds = 14
/** where the clicks are: off the beginnings of codecs' blocks, and far enough apart for each to be alone */
const clickSeconds = [0.7013, 4.0001, 11.4321, 13.3457]
const clicksAt = (rate: number): number[] => clickSeconds.map((at) => Math.round(at * rate))
const clickHeight = 0.9

const soundOf = ({ rate, channels }: Format): Float32Array[] =>
  Array.from({ length: channels }, (_, channel) => {
    let seed = 7 + channel
    const samples = Float32Array.from({ length: seconds * rate }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return (seed / 2 ** 31 - 1) / 500
    })
    for (const at of clicksAt(rate)) samples[at] = clickHeight
    return samples
  })

/** A lossy codec may move a click's peak by so many frames; its last block may be filled up by so many. */
const [blur, block] = [2, 2048]

/** What is wrong with it, in words; nothing where it is as it should be. */
export const faults = (format: Format, found: Exclude<Finding, { reason: string }>): string[] => {
  const { lossless, rate, delay: [delay] = [0] } = format
  const offsets = [...found.offsets, found.regionOffset]
  return [
    ...(found.rate === rate ? [] : [`${found.rate} Hz instead of ${rate}`]),
    ...(Math.abs(found.longer) <= (lossless ? 0 : block) ? [] : [`${found.longer} frames longer`]),
    ...(offsets.every((frames) => Math.abs(frames - delay) <= (lossless ? 0 : blur))
      ? []
      : [`clicks ${offsets.join(', ')} frames late instead of ${delay}`]),
    ...(lossless && found.error > lossless ? [`a click ${found.error} off its height`] : []),
  ]
}

/** What was found; `reason` where this ffmpeg cannot write the format. */
export type Finding =
  | { reason: string }
  | {
      rate: number
      /** frames more than went in */
      longer: number
      /** the frame of each click less where it was put: of the whole, and of a region that is sought, shortly before the third */
      offsets: number[]
      regionOffset: number
      /** of the clicks' height, in a lossless format */
      error: number
    }

const strongest = (samples: Float32Array, from: number, to: number): number => {
  let best = from
  for (let frame = from; frame < Math.min(to, samples.length); frame++)
    if (Math.abs(samples[frame]!) > Math.abs(samples[best]!)) best = frame
  return best
}

/** Makes the sound in a folder, reads it as a recording, and looks for the clicks. */
export const tryFormat = async (format: Format, folder: string): Promise<Finding> => {
  const { rate, extension, options } = format
  const [source, path] = [join(folder, 'source.wav'), join(folder, `sound.${extension}`)]
  writeFileSync(source, writeWav({ rate, channels: soundOf(format) }, 'f32'))
  const made = spawnSync(ffmpegPath, ['-v', 'error', '-y', '-i', source, ...options, path], { encoding: 'utf8' })
  if (made.status !== 0) {
    if (/Unknown encoder|Encoder not found/.test(made.stderr)) return { reason: `this ffmpeg has no ${format.encoder}` }
    throw new Error(`${format.name}: ${made.stderr}`)
  }
  const clicks = clicksAt(rate)
  const opened = await openRecording(path)
  const whole = await decodeRegion(path, [0, 1e12])
  const [first] = whole
  const reach = Math.round(0.3 * rate)
  const found = clicks.map((at) => strongest(first!, at - reach, at + reach))
  const start = clicks[2]! - Math.round(0.11 * rate)
  const region = await decodeRegion(path, [start, clicks[2]! + reach], { opened })
  return {
    rate: opened.recording.rate,
    longer: opened.recording.frames - seconds * rate,
    offsets: found.map((frame, i) => frame - clicks[i]!),
    regionOffset: start + strongest(region[0]!, 0, Infinity) - clicks[2]!,
    error: Math.max(...whole.flatMap((samples) => found.map((at) => Math.abs(samples[at]! - clickHeight)))),
  }
}
