import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import { EngineError } from '../../contract/errors.ts'
import { decodeWavFrames, readWavLayout, type WavLayout } from '../../formats/wav.ts'
import type { Decoding, NamedFile } from './audio.ts'
import { ffmpegArguments, ffmpegEnvironment, type FfmpegWish } from './ffmpeg.ts'
import { createPace } from '../pace.ts'

/** Decoding by an ffmpeg child, which lives exactly as long as the loop over its blocks. */

type Child = ChildProcessByStdio<null, Readable, Readable>

/** small enough to stay in the processor's cache from reading to measuring */
const blockBytes = 65_536

/** ffmpeg's messages are kept up to here: a file can make it say anything any number of times. */
const messageLimit = 256 * 1024

interface Messages {
  said(): string
  /** resolves once the input's streams are described, or nothing more can come */
  described: Promise<void>
}

/** Collects stderr, the beginning of it. */
const listenTo = (stderr: Readable): Messages => {
  let said = ''
  stderr.setEncoding('utf8')
  const described = new Promise<void>((resolve) => {
    stderr.on('data', (part: string) => {
      if (said.length < messageLimit) said += part.slice(0, messageLimit - said.length)
      if (audioStream.test(said) || said.length >= messageLimit) resolve()
    })
    stderr.once('close', resolve)
  })
  return { said: () => said, described }
}

/** ffmpeg's description of its input; indented tags cannot imitate these lines. */
const audioStream = /^ {2}Stream #0:.*?: Audio: (\w+)/m
const duration = /^ {2}Duration: (\d+):(\d\d):(\d\d\.\d+)/m

const nothing = Buffer.alloc(0)

/** Gives memory back at once: a collector that sees a gigabyte come and go marks all there is again and again. What shares its memory is left alone. */
const free = ({ buffer, byteLength }: Buffer): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

/** Bytes from the child, taken in whole pieces of any size. */
const createReader = (stdout: Readable) => {
  const chunks = stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let rest: Buffer = nothing
  /** whose end `rest` is, where it is no other's */
  let chunk: Buffer | null = null
  return {
    /** what is there once at least `wanted` bytes are, or less at the end */
    async peek(wanted: number): Promise<Buffer> {
      while (rest.length < wanted) {
        const { value, done } = await chunks.next()
        if (done) break
        rest = rest.length === 0 ? value : Buffer.concat([rest, value])
      }
      return rest
    },
    skip(bytes: number): void {
      rest = rest.subarray(bytes)
    },
    /** how many bytes of `into` were filled: less than all of them at the end alone */
    async fill(into: Uint8Array): Promise<number> {
      for (let filled = 0; ;) {
        const taken = rest.copy(into, filled)
        rest = rest.subarray(taken)
        filled += taken
        if (filled === into.length) return filled
        if (chunk) free(chunk)
        chunk = null
        rest = nothing
        const { value, done } = await chunks.next()
        if (done) return filled
        rest = chunk = value
      }
    },
  }
}
type Reader = ReturnType<typeof createReader>

const describe = (said: string): Pick<Decoding, 'codec' | 'secondsPromised'> => {
  const codec = audioStream.exec(said)?.[1] ?? 'unknown'
  const [, hours, minutes, seconds] = duration.exec(said) ?? []
  const known = hours !== undefined && !said.includes('Estimating duration from bitrate')
  return { codec, secondsPromised: known ? Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) : null }
}

/** Streams of sound of the input; the output is described below it in the same words. */
const countTracks = (said: string): number => {
  const [input] = said.split(/^Output /m)
  return input?.match(new RegExp(audioStream, 'gm'))?.length ?? 1
}

/** The sentence for a file that gave no sound at all. */
const refusal = (name: string, said: string): EngineError => {
  if (said.includes('matches no streams')) return new EngineError('bad-recording', `${name} has no audio in it`)
  if (/not on whitelist/i.test(said))
    return new EngineError('bad-recording', `${name} is not a kind of file that Otoscope opens as a recording`)
  return new EngineError('bad-recording', `${name} cannot be decoded as audio; it may be damaged`, {
    ffmpeg: said.slice(-2000),
  })
}

const started = async (child: Child): Promise<void> => {
  const [failed] = (await Promise.race([once(child, 'spawn'), once(child, 'error')])) as [Error?]
  if (failed) throw new EngineError('no-decoder', `ffmpeg does not start: ${failed.message}`)
}

/** The layout of the WAV stream's header, which ffmpeg writes as soon as it knows rate and channels. */
const readHeader = async (reader: Reader): Promise<WavLayout | null> => {
  for (let wanted = 64; wanted <= 4096; wanted *= 2) {
    const bytes = await reader.peek(wanted)
    try {
      const layout = readWavLayout((offset, length) => bytes.subarray(offset, offset + length), bytes.length)
      reader.skip(layout.dataStart)
      return layout
    } catch {
      if (bytes.length < wanted) return null
    }
  }
  return null
}

/** Settles when the child is no more: whoever goes on after this leaves no process behind. */
const exited = (child: Child): Promise<void> =>
  new Promise((resolve) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })

/** What `Decoding.decoder` says of it. */
export const ffmpegName = ({ version }: { version: string }): string => `ffmpeg ${version}`

/** Starts ffmpeg on a file; throws EngineError `bad-recording` where it finds no sound in it. */
export const decodeWithFfmpeg = async (
  ffmpeg: { path: string; version: string },
  { path, name }: NamedFile,
  signal?: AbortSignal,
  wish: FfmpegWish = {},
): Promise<Decoding> => {
  signal?.throwIfAborted()
  const child = spawn(ffmpeg.path, ffmpegArguments(ffmpeg.version, path, wish), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ffmpegEnvironment(),
    cwd: tmpdir(),
    windowsHide: true,
  })
  const kill = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  child.once('close', () => signal?.removeEventListener('abort', kill))
  try {
    await started(child)
    const messages = listenTo(child.stderr)
    const closed = once(child, 'close')
    const reader = createReader(child.stdout)
    const layout = await readHeader(reader)
    signal?.throwIfAborted()
    if (!layout) {
      await closed
      throw refusal(name, messages.said())
    }
    await messages.described
    const { rate } = layout
    const mixed = wish.mixed ? { channels: 2, mixed: true as const } : { channels: layout.channels }
    const blocks = readBlocks(child, reader, layout, { name, lent: wish.lent ?? false }, signal)
    const tracks = (): number => countTracks(messages.said())
    return { rate, ...mixed, ...describe(messages.said()), decoder: ffmpegName(ffmpeg), tracks, blocks }
  } catch (error) {
    kill()
    await exited(child)
    throw error
  }
}

async function* readBlocks(
  child: Child,
  reader: Reader,
  layout: WavLayout,
  { name, lent }: { name: string; lent: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<Float32Array[]> {
  const pace = createPace(signal)
  const bytes = new Uint8Array(Math.ceil(blockBytes / layout.frameBytes) * layout.frameBytes)
  let block: Float32Array[] = []
  try {
    for (;;) {
      await pace()
      const filled = await reader.fill(bytes)
      const whole = filled - (filled % layout.frameBytes)
      // the end of what a killed ffmpeg wrote is not the end of the recording
      signal?.throwIfAborted()
      if (whole === 0) {
        await exited(child)
        if (child.signalCode === null) return
        throw new EngineError(
          'bad-recording',
          `${name} was not read to its end: ffmpeg was ended by ${child.signalCode}`,
        )
      }
      // of one channel they lie as they are wanted
      const floats = lent && layout.channels === 1 && layout.encoding === 'f32'
      block = floats
        ? [new Float32Array(bytes.buffer, 0, whole / 4)]
        : decodeWavFrames(layout, bytes.subarray(0, whole), lent ? block : [])
      yield block
    }
  } finally {
    child.kill('SIGKILL')
    await exited(child)
  }
}
