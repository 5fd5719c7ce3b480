import { z } from 'zod'

/** How samples without a header lie in a file: what a person says, since nothing else does (docs/formats.md). */

/** As ffmpeg names them: signed, unsigned or float, bits, byte order; and the two of G.711. */
export const rawEncodings = [
  ...(['s8', 'u8', 's16le', 's16be', 'u16le', 'u16be', 's24le', 's24be', 'u24le', 'u24be'] as const),
  ...(['s32le', 's32be', 'u32le', 'u32be', 's64le', 's64be', 'f32le', 'f32be', 'f64le', 'f64be'] as const),
  ...(['mulaw', 'alaw'] as const),
] as const
export type RawEncoding = (typeof rawEncodings)[number]

const whole = (what: string, [least, most]: readonly [number, number]) => {
  const error = `${what} is a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

export const RawFormat = z.object({
  encoding: z.enum(rawEncodings, { error: `a sample format is one of ${rawEncodings.join(', ')}` }),
  /** in Hz */
  rate: whole('a rate in Hz', [1000, 768_000]),
  channels: whole('a number of channels', [1, 64]),
  /** bytes before the first sample */
  skip: whole('a number of bytes to skip', [0, 2 ** 40]).default(0),
})
export type RawFormat = z.output<typeof RawFormat>

/** Of one frame: a sample of every channel. */
export const rawFrameBytes = ({ encoding, channels }: Pick<RawFormat, 'encoding' | 'channels'>): number =>
  (Number(/\d+/.exec(encoding)?.[0] ?? 8) / 8) * channels

/** `s16le:48000:2`, and `:44` behind it where bytes are skipped: as the command line takes it, and as ids have it. */
export const rawText = ({ encoding, rate, channels, skip }: RawFormat): string =>
  [encoding, rate, channels, ...(skip > 0 ? [skip] : [])].join(':')

/** What `rawText` wrote; or a sentence. */
export const readRawText = (text: string): RawFormat | string => {
  const words = text.split(':')
  if (words.length < 3 || words.length > 4) return 'it is format:rate:channels, and bytes to skip behind them'
  const [encoding, rate, channels, skip] = words.map((word, i) =>
    i > 0 && /^\d{1,15}$/.test(word) ? Number(word) : word,
  )
  const read = RawFormat.safeParse({ encoding, rate, channels, skip })
  return read.success ? read.data : (read.error.issues[0]?.message ?? 'it is no format')
}
