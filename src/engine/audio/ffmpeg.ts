import { execFile } from 'node:child_process'
import type { RawFormat } from '../../contract/raw-format.ts'
import { accessSync, constants, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** Where ffmpeg is and how it is called. */

export type Ffmpeg = { path: string; version: string } | { reason: string }

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The optional package downloads its binary when it is installed; both may be missing. */
const bundled = (): string | null => {
  try {
    const path = createRequire(import.meta.url)('ffmpeg-static') as string | null
    // a program cannot be started from inside Electron's archive
    return path?.replace('app.asar', 'app.asar.unpacked') ?? null
  } catch {
    return null
  }
}

const onPath = (): string[] => {
  const names = process.platform === 'win32' ? ['ffmpeg.exe'] : ['ffmpeg']
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.flatMap((folder) => names.map((name) => join(folder, name)))
}

/** What every child gets: nothing of ours, messages in English, and what Windows needs to start a program. */
export const ffmpegEnvironment = (): NodeJS.ProcessEnv => ({
  LC_ALL: 'C',
  ...(process.platform === 'win32' && process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}),
})

const run = promisify(execFile)

const versionOf = async (path: string): Promise<string | null> => {
  const options = { env: ffmpegEnvironment(), cwd: tmpdir(), timeout: 10_000, windowsHide: true }
  const stdout = await run(path, ['-version'], options).then(
    (said) => said.stdout,
    () => '', // it does not run: it is no ffmpeg
  )
  const token = /^ffmpeg version (\S+)/.exec(stdout)?.[1]
  return token ? (/^n?(\d+(?:\.\d+)+)/.exec(token)?.[1] ?? token) : null
}

const search = async (): Promise<Ffmpeg> => {
  const named = process.env.FFMPEG_BIN
  if (named) {
    const path = resolve(named)
    const version = isProgram(path) ? await versionOf(path) : null
    return version ? { path, version } : { reason: `FFMPEG_BIN names ${named}, which is no ffmpeg that runs` }
  }
  for (const path of [bundled(), ...onPath()]) {
    const version = path && isProgram(path) ? await versionOf(path) : null
    if (path && version) return { path, version }
  }
  return { reason: 'there is no ffmpeg in the package ffmpeg-static, in FFMPEG_BIN or on the PATH' }
}

const found = new Map<string, Promise<Ffmpeg>>()

/** FFMPEG_BIN if it is set, else ffmpeg-static, else the PATH; looked for once per setting of these. */
export const findFfmpeg = (): Promise<Ffmpeg> => {
  const key = `${process.env.FFMPEG_BIN ?? ''}\n${process.env.PATH ?? ''}`
  const known = found.get(key) ?? search()
  found.set(key, known)
  return known
}

/** Demuxers that read one file and no other: a playlist renamed .mp3 is refused whatever it is called. */
const formats = [
  'mp3,wav,w64,flac,ogg,mov,matroska,aac,aiff,caf,au,avi,asf,wv,amr,ac3,eac3,ape,tta,mpegts,mpeg',
  'nistsphere,voc,flv,dts,truehd,dsf,mpc,mpc8,tak,sox,ircam',
].join()

export interface FfmpegWish {
  /** behind the file's beginning */
  seconds?: number
  /** 16 only where the file holds no more: half as much to hand over, and the same samples */
  bits?: 16 | 32
  /** a block's memory is used again for the next */
  lent?: boolean
  /** of two channels their mean, half as much to hand over; both products are exact, so it is that of `mono` bit for bit */
  mixed?: boolean
  /** of a file without a header */
  raw?: RawFormat
  /** what the decoder leaves out is silence, so that the rest stays where it is: of AMR it leaves out pauses */
  fillGaps?: boolean
}

/** There is none of 64-bit integers: frames as long are read, and decoded as what they are. */
const demuxerOf = ({ encoding }: RawFormat): string => encoding.replace('s64', 'f64')

const rawArguments = (raw: RawFormat): string[] => [
  ...['-f', demuxerOf(raw), '-ar', String(raw.rate), '-ac', String(raw.channels)],
  ...['-c:a', `pcm_${raw.encoding}`, '-skip_initial_bytes', String(raw.skip)],
]

/** Frames handed over at a time, and how many times as many ffmpeg may be ahead of whoever takes them: 8 MB of stereo. */
const [framesAtATime, ahead] = [32_768, 32]

/** The filter came with 4.4: what is older hands over packets as they are. */
const inPieces = (version: string): string[] =>
  /^([0-3]|4\.[0-3])(\.|$)/.test(version) ? [] : ['-bsf:a', `pcm_rechunk=nb_out_samples=${framesAtATime}:pad=0`]

/**
 * Decodes the first audio stream of `path` to a WAV stream on stdout, of float32 or of 16 bits. It is written by a thread of its own
 * ("fifo"), in large pieces: a decoder that waits for each to be taken takes a third more time. `file:` keeps a name from being read
 * as an option or a protocol; the lists keep the file from naming other files or hosts. From `seconds` on, by the file's own timestamps.
 */
export const ffmpegArguments = (
  version: string,
  path: string,
  { seconds = 0, bits = 32, mixed = false, raw, fillGaps = false }: FfmpegWish = {},
): string[] => [
  ...['-hide_banner', '-nostdin', '-nostats', '-v', 'info', '-threads', '1'],
  ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', raw ? demuxerOf(raw) : formats],
  ...(raw ? rawArguments(raw) : []),
  ...(seconds > 0 ? ['-ss', seconds.toFixed(6)] : []),
  ...['-i', `file:${resolve(path)}`, '-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1'],
  // a file may go on with one channel; the weights of a mixture are scaled to a sum of 1, which makes halves of two
  ...(mixed ? ['-af', 'aformat=channel_layouts=stereo', '-ac', '1', '-rematrix_maxval', '1'] : []),
  ...(fillGaps ? ['-af', 'aresample=async=1:min_hard_comp=0.001:first_pts=0'] : []),
  ...['-c:a', bits === 16 ? 'pcm_s16le' : 'pcm_f32le', '-fflags', '+bitexact'],
  ...inPieces(version),
  ...['-f', 'fifo', '-fifo_format', 'wav', '-queue_size', String(ahead), 'pipe:1'],
]
