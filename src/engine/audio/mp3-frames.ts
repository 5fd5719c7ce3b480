/** What an MP3 file says about itself before its first sound: where that is, and what the encoder added around it. */

export interface Mp3Start {
  /** offset of the first frame that holds sound */
  offset: number
  /** frames of sound to keep, counted from the first decoded one; `end` is Infinity where the file does not say */
  start: number
  end: number
  /** frames the file says it holds, after trimming; null where it does not say */
  promised: number | null
  rate: number
}

/** A decoder's own delay: what it puts out before the first sample that went into the encoder (528 + 1). */
const decoderDelay = 529

const rates = [44_100, 48_000, 32_000]
const kilobits1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const kilobits2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]

interface Header {
  bytes: number
  samples: number
  rate: number
  channels: 1 | 2
  /** offset of a Xing or Info tag in the frame */
  tag: number
}

/** A layer III frame header; null where there is none, or one of another layer or of free bit rate. */
const headerAt = (file: Uint8Array, at: number): Header | null => {
  const [sync, second, third, fourth] = file.subarray(at, at + 4)
  if (sync !== 0xff || second === undefined || third === undefined || fourth === undefined) return null
  const version = (second >> 3) & 3
  const layer3 = (second & 0xe6) === 0xe2
  const bitrate = third >> 4
  const rate = rates[(third >> 2) & 3]
  if (!layer3 || version === 1 || bitrate === 0 || bitrate === 15 || !rate) return null
  const first = version === 3
  const hertz = first ? rate : version === 2 ? rate / 2 : rate / 4
  const samples = first ? 1152 : 576
  const kilobits = (first ? kilobits1 : kilobits2)[bitrate]!
  const bytes = Math.floor((samples * 125 * kilobits) / hertz) + ((third >> 1) & 1)
  const mono = fourth >> 6 === 3
  const side = first ? (mono ? 17 : 32) : mono ? 9 : 17
  return { bytes, samples, rate: hertz, channels: mono ? 1 : 2, tag: 4 + side }
}

/** The end of all ID3v2 tags at the beginning. */
export const afterTags = (file: Uint8Array): number => {
  let at = 0
  while (file[at] === 0x49 && file[at + 1] === 0x44 && file[at + 2] === 0x33) {
    const size = [6, 7, 8, 9].reduce((sum, i) => sum * 128 + (file[at + i]! & 0x7f), 0)
    at += 10 + size + (file[at + 5]! & 0x10 ? 10 : 0)
  }
  return at
}

/** The first frame that another one follows, so that it is not chance. */
const firstFrame = (file: Uint8Array, from: number): { at: number; header: Header } | null => {
  for (let at = from; at < Math.min(file.length, from + 1_000_000); at++) {
    const header = headerAt(file, at)
    if (header && (headerAt(file, at + header.bytes) || at + header.bytes >= file.length)) return { at, header }
  }
  return null
}

/** Of the first frame; null where there is none in these bytes. */
export const mp3Channels = (bytes: Uint8Array): 1 | 2 | null =>
  firstFrame(bytes, afterTags(bytes))?.header.channels ?? null

/**
 * Reads the Xing or Info tag (LAME's extension of it gives delay and padding). The rule is ffmpeg's: skip delay + 529
 * samples, end at frames × samples − padding + 529.
 */
export const readMp3Start = (file: Uint8Array): Mp3Start | null => {
  const found = firstFrame(file, afterTags(file))
  if (!found) return null
  const { at, header } = found
  const whole = { offset: at, start: 0, end: Infinity, promised: null, rate: header.rate }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const tag = at + header.tag
  if (tag + 160 > file.length) return whole
  const name = view.getUint32(tag)
  if (name !== 0x58696e67 && name !== 0x496e666f) return whole
  const flags = view.getUint32(tag + 4)
  const offset = at + header.bytes
  const frames = flags & 1 ? view.getUint32(tag + 8) : 0
  const lame = tag + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0)
  const encoder = view.getUint32(lame)
  const total = frames * header.samples
  // "LAME", "Lavf", "Lavc": others leave these bytes for something else
  if (![0x4c414d45, 0x4c617666, 0x4c617663].includes(encoder))
    return { ...whole, offset, promised: frames ? total : null }
  const delays = (view.getUint8(lame + 21) << 16) | view.getUint16(lame + 22)
  const start = (delays >> 12) + decoderDelay
  const end = frames ? Math.min(total, total - (delays & 4095) + decoderDelay) : Infinity
  return { offset, start, end, promised: frames ? end - start : null, rate: header.rate }
}
