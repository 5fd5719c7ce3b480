import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { Recording } from '../../contract/recording.ts'
import { createPeaks, type Envelope } from '../../signal/peaks.ts'
import type { Decoding, DecodeOptions, Opened } from './audio.ts'
import { checkFile } from './check-file.ts'
import { hearCoarse, type KnownCoarse } from './coarse.ts'
import { startDecoding } from './decode.ts'
import { mono } from './mono.ts'
import { hasOggEnd } from './ogg-end.ts'
import { createPace } from '../pace.ts'
import { framesPerBucket, packOverview, unpackOverview } from './overview.ts'
import { shownName } from './shown-name.ts'

/** Opening a recording: is it one, what is in it, is all of it there. */

/** What is remembered of recordings by their content, so that one is listened to once. */
export interface KnownRecordings {
  findRecording(id: string): { recording: Recording; overview: Uint8Array } | null
  putRecording(recording: Recording, overview: Uint8Array): void
}

export interface OpenOptions extends DecodeOptions {
  sample?: boolean | undefined
  known?: KnownRecordings | undefined
  coarse?: KnownCoarse | undefined
}

/** SHA-256 of the file's bytes, in hex. */
const hashFile = async (path: string, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

interface Listened {
  frames: number
  silent: boolean
  envelope: Envelope
}

const notFinite = (
  name: string,
  broken: { count: number; frame: number; channel: number },
  rate: number,
): EngineError => {
  const samples = broken.count === 1 ? 'a sample' : `${broken.count} samples, the first`
  const place = `at ${(broken.frame / rate).toFixed(4)} s (frame ${broken.frame}, channel ${broken.channel})`
  return new EngineError(
    'not-finite',
    `${name} has NaN or infinite sound in ${samples} ${place}; repair it first`,
    broken,
  )
}

/** One pass over the sound. Throws `not-finite` with the first place where a sample is no number. */
const listen = async (decoding: Decoding, name: string, signal?: AbortSignal): Promise<Listened> => {
  const pace = createPace(signal)
  const peaks = createPeaks(framesPerBucket)
  const broken = { count: 0, frame: Infinity, channel: 0 }
  let frames = 0
  let silent = true
  for await (const block of decoding.blocks) {
    block.forEach((samples, channel) => {
      for (let frame = 0; frame < samples.length; frame++) {
        const value = samples[frame]!
        if (value !== 0) silent = false
        if (Number.isFinite(value)) continue
        broken.count++
        if (frames + frame < broken.frame) Object.assign(broken, { frame: frames + frame, channel })
      }
    })
    if (broken.count === 0) peaks.push(mono(block))
    frames += block[0]?.length ?? 0
    await pace()
  }
  if (broken.count > 0) throw notFinite(name, broken, decoding.rate)
  return { frames, silent, envelope: peaks.finish() }
}

const seconds = (value: number): string => `${Number(value.toFixed(2))} s`

/** Seconds by which lossy codecs' headers promise more than their sound has: delay and padding of the encoder. */
const slack = (codec: string, rate: number): number => (/^(pcm_|flac|alac)/.test(codec) ? 0.02 : 0.05 + 2400 / rate)

const warningsFor = (decoding: Decoding, listened: Listened, whole: boolean): string[] => {
  const length = listened.frames / decoding.rate
  const promised = decoding.secondsPromised
  const cut = promised !== null && promised - length > slack(decoding.codec, decoding.rate)
  return [
    ...(cut ? [`truncated: ${seconds(length)} of the ${seconds(promised)} its header promises`] : []),
    ...(!cut && !whole ? [`truncated: ${seconds(length)}, the file ends before its last page`] : []),
    ...(listened.silent ? ['silence: every sample is zero'] : []),
  ]
}

/** What is known of the same bytes, if they were decoded as they would be now. */
const remembered = (known: KnownRecordings | undefined, id: string, decoder: string): Heard | null => {
  const found = known?.findRecording(id)
  if (!found || found.recording.decoder !== decoder) return null
  const envelope = unpackOverview(found.overview, found.recording.frames)
  return envelope && { card: found.recording, envelope }
}

/** Ends what was started for a decoding that nobody wants: a loop that never began would end nothing. */
const leave = async ({ blocks }: Decoding): Promise<void> => {
  const loop = blocks[Symbol.asyncIterator]()
  await loop.next()
  await loop.return?.()
}

/** A recording under whatever name, and its overview. */
interface Heard {
  card: Omit<Recording, 'name' | 'sample'>
  envelope: Envelope
}

/** The whole sound listened to. */
const hear = async (
  file: { path: string; name: string; id: string; bytes: number },
  decoding: Decoding,
  signal: AbortSignal,
): Promise<Heard> => {
  const listened = await listen(decoding, shownName(file.name), signal)
  const { frames, envelope } = listened
  if (frames === 0) throw new EngineError('bad-recording', `${shownName(file.name)} has no sound in it (0 s)`)
  const { rate, channels, codec, decoder } = decoding
  const warnings = warningsFor(decoding, listened, await hasOggEnd(file.path, file.bytes))
  const card = { id: file.id, seconds: frames / rate, frames, rate, channels, bytes: file.bytes, codec, decoder }
  return { card: { ...card, warnings }, envelope }
}

/**
 * Checks, hashes and decodes a file; one whose content is known is not listened to again. Throws EngineError: `not-found` (no
 * such file), `bad-recording` (not a file, empty, not audio, damaged), `no-decoder` (needs ffmpeg), `not-finite` (NaN or
 * infinite samples).
 */
export const openRecording = async (path: string, options: OpenOptions = {}): Promise<Opened> => {
  const { signal } = options
  const file = resolve(path)
  const name = options.name ?? basename(file)
  const stats = await checkFile(file, shownName(name))
  const ending = new AbortController()
  const both = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal
  const hash = hashFile(file, both)
  hash.catch(() => undefined)
  try {
    const decoding = await startDecoding(file, { ...options, signal: both })
    const id = await hash
    const found = remembered(options.known, id, decoding.decoder)
    if (found) await leave(decoding)
    const coarse = hearCoarse(options.coarse)
    const heard =
      found ??
      (await hear(
        { path: file, name, id, bytes: stats.size },
        { ...decoding, blocks: coarse.through(decoding.blocks) },
        both,
      ))
    const recording: Recording = { ...heard.card, name, sample: options.sample ?? false }
    if (!found) options.known?.putRecording(recording, packOverview(heard.envelope))
    if (!found) coarse.keep(id)
    return { recording, path: file, overview: { framesPerBucket, ...heard.envelope } }
  } finally {
    ending.abort()
  }
}
