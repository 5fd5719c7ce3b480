import { basename, resolve } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import { channelName, fileHash, recordingId, type Recording } from '../../contract/recording.ts'
import type { Overview } from '../../signal/overview.ts'
import type { Decoding, DecodeOptions, Opened } from './audio.ts'
import { checkFile } from './check-file.ts'
import { fileIdentity } from '../store/file-identity.ts'
import { hearCoarse, type KnownCoarse } from './coarse.ts'
import { hashFile } from './content-hash.ts'
import { chooseDecoder } from './decode.ts'
import { listen, type HearingListener, type Listened } from './listen.ts'
import { hasOggEnd } from './ogg-end.ts'
import { packOverview, unpackOverview } from './overview.ts'
import { shownName } from './shown-name.ts'

/** Opening a recording: is it one, what is in it, is all of it there. */

/** What is remembered of recordings by their content, and of files by what the system says of them: the store does. */
export interface KnownRecordings {
  /** the content hash of a file that has not changed since, or null */
  fileHash(path: string): string | null
  rememberFileHash(path: string, hash: string): void
  findRecording(id: string): { recording: Recording; overview: Uint8Array[] } | null
  putRecording(recording: Recording, overview: readonly Uint8Array[]): void
}

export interface OpenOptions extends DecodeOptions {
  sample?: boolean | undefined
  known?: KnownRecordings | undefined
  coarse?: KnownCoarse | undefined
  /** hears a few times a second how far the pass over a recording has come; never of one that is known */
  onHeard?: HearingListener | undefined
}

const seconds = (value: number): string => `${Number(value.toFixed(2))} s`

/** Seconds by which lossy codecs' headers promise more than their sound has: delay and padding of the encoder. */
const slack = (codec: string, rate: number): number => (/^(pcm_|flac|alac)/.test(codec) ? 0.02 : 0.05 + 2400 / rate)

const warningsFor = (decoding: Decoding, listened: Listened, whole: boolean): string[] => {
  const length = listened.frames / decoding.rate
  const promised = decoding.secondsPromised
  const cut = promised !== null && promised - length > slack(decoding.codec, decoding.rate)
  const tracks = decoding.tracks?.() ?? 1
  return [
    ...(cut ? [`truncated: ${seconds(length)} of the ${seconds(promised)} its header promises`] : []),
    ...(!cut && !whole ? [`truncated: ${seconds(length)}, the file ends before its last page`] : []),
    ...(tracks > 1 ? [`tracks: only the first of its ${tracks} sound tracks is read`] : []),
    ...(listened.silent ? ['silence: every sample is zero'] : []),
  ]
}

/** A recording under whatever name, and its overview. */
interface Heard {
  card: Omit<Recording, 'name' | 'sample'>
  overview: Overview
}

/** What is known of the same bytes, if they were decoded as they would be now. */
const remembered = (known: KnownRecordings | undefined, id: string | null, decoder: string): Heard | null => {
  const found = id === null ? null : known?.findRecording(id)
  if (!found || found.recording.decoder !== decoder) return null
  const overview = unpackOverview(found.overview, found.recording.frames)
  return overview && { card: found.recording, overview }
}

interface OpenedFile {
  path: string
  /** on one line */
  name: string
  bytes: number
  hash: Promise<string>
}

/** The whole sound listened to. */
const hear = async (file: OpenedFile, start: Start, options: OpenOptions, mixed = true): Promise<Heard> => {
  const decoding = await start(mixed, options.signal)
  const { frames, ...listened } = await listen(decoding, file.name, options.signal, options.onHeard)
  if (frames === 0) throw new EngineError('bad-recording', `${file.name} has no sound in it (0 s)`)
  // channels may cancel each other out
  if (listened.silent && decoding.mixed) return hear(file, start, options, false)
  const { rate, channels, codec, decoder } = decoding
  const whole = options.raw !== undefined || (await hasOggEnd(file.path, file.bytes))
  const warnings = warningsFor(decoding, { frames, ...listened }, whole)
  const { bytes } = file
  const channel =
    options.channel === undefined || !decoding.of ? {} : { channel: { number: options.channel, of: decoding.of } }
  const id = recordingId(await file.hash, options)
  const raw = options.raw && { raw: options.raw }
  const card = {
    id,
    ...channel,
    ...raw,
    seconds: frames / rate,
    frames,
    rate,
    channels,
    bytes,
    codec,
    decoder,
    warnings,
  }
  return { card, overview: listened.overview }
}

/** `mixed`: the mean of the channels is all that is wanted, where the decoder has it */
type Start = (mixed: boolean, signal?: AbortSignal) => Promise<Decoding>

/** Settles as the first does that has an answer: what is known of the bytes, or what is heard. What is left is ended. */
const knownOrHeard = async (
  file: OpenedFile,
  { name, start }: { name: string; start: Start },
  options: OpenOptions,
): Promise<{ heard: Heard; fresh: boolean }> => {
  const ending = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal
  const hearing = hear(file, start, { ...options, signal })
  hearing.catch(() => undefined)
  try {
    const found = file.hash.then((id) => remembered(options.known, recordingId(id, options), name))
    const first = await Promise.race([found, hearing])
    return first && first === (await found) ? { heard: first, fresh: false } : { heard: await hearing, fresh: true }
  } finally {
    ending.abort()
    // whoever goes on after this leaves no child behind
    await hearing.catch(() => undefined)
  }
}

/**
 * Checks, hashes and decodes a file; one whose content is known is not listened to again, and where the system says that the file has
 * not changed it is not even read. Throws EngineError: `not-found` (no such file), `bad-recording` (not a file, empty, not audio,
 * damaged, changed while it was read), `no-decoder` (needs ffmpeg), `not-finite` (NaN or infinite samples).
 */
export const openRecording = async (path: string, options: OpenOptions = {}): Promise<Opened> => {
  const { signal, known } = options
  signal?.throwIfAborted()
  const file = resolve(path)
  const name = options.name ?? basename(file)
  const shown = shownName(name)
  const stats = await checkFile(file, shown)
  const identity = fileIdentity(file)
  const decoder = await chooseDecoder({ path: file, name: shown }, options)
  const id = known?.fileHash(file) ?? null
  const found = remembered(known, id && recordingId(id, options), decoder.name)
  const ending = new AbortController()
  const hash = id
    ? Promise.resolve(id)
    : hashFile(file, stats.size, signal ? AbortSignal.any([signal, ending.signal]) : ending.signal)
  hash.catch(() => undefined)
  try {
    let coarse: ReturnType<typeof hearCoarse> | undefined
    const start: Start = async (mixed, signal) => {
      const decoding = await decoder.start(signal, true, mixed)
      coarse = hearCoarse(options.coarse)
      return { ...decoding, blocks: coarse.through(decoding.blocks) }
    }
    const opened = { path: file, name: shown, bytes: stats.size, hash }
    const { heard, fresh } = found
      ? { heard: found, fresh: false }
      : await knownOrHeard(opened, { name: decoder.name, start }, options)
    if (!found && fileIdentity(file) !== identity)
      throw new EngineError('bad-recording', `${shown} was written to while it was read; open it when it is complete`)
    const { channel } = heard.card
    const called = channel ? `${name} (${channelName(channel)})` : name
    const recording: Recording = { ...heard.card, name: called, sample: options.sample ?? false }
    if (fresh) known?.putRecording(recording, packOverview(heard.overview))
    if (fresh) coarse?.keep(recording.id)
    if (!id) known?.rememberFileHash(file, fileHash(recording))
    return { recording, path: file, identity, overview: heard.overview }
  } finally {
    ending.abort()
  }
}
