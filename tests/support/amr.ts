import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRecording } from '../../src/engine/audio/open.ts'
import { decodeRegion } from '../../src/engine/audio/region-blocks.ts'

/**
 * AMR files made by hand, since hardly any ffmpeg can write them: the magic and frames in storage format (RFC 4867, 5.1 and 5.3), each a byte
 * that names its mode and the mode's bits. The bits of speech are seeded noise: they decode to some sound.
 */

export interface HandMade {
  name: string
  extension: string
  magic: string
  rate: number
  /** bytes of speech by mode (3GPP TS 26.101 and 26.201) */
  speech: number[]
  /** the mode of silence descriptors, and their bytes: the encoder says how silence sounds, and pauses */
  silence: [mode: number, bytes: number]
}

export const handMade: HandMade[] = [
  {
    name: 'AMR',
    extension: 'amr',
    magic: '#!AMR\n',
    rate: 8000,
    speech: [12, 13, 15, 17, 19, 20, 26, 31],
    silence: [8, 5],
  },
  {
    name: 'AMR-WB',
    extension: 'awb',
    magic: '#!AMR-WB\n',
    rate: 16_000,
    speech: [17, 23, 32, 36, 40, 46, 50, 58, 60],
    silence: [9, 5],
  },
]

/** A frame of either is this long. */
export const frameSeconds = 0.02
/** nothing was sent */
const noData = 15

/** One frame each: the number of a mode of speech, a silence descriptor, or nothing. */
export type AmrFrame = number | 'silence' | 'nothing'

export const amrFile = ({ magic, speech, silence }: HandMade, frames: readonly AmrFrame[]): Buffer => {
  let seed = 11
  const noise = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed >>> 24
  }
  const pieces = frames.map((frame) => {
    const [mode, bytes] =
      frame === 'nothing' ? [noData, 0] : frame === 'silence' ? silence : ([frame, speech[frame]!] as const)
    // its quality bit says that it arrived whole
    return Buffer.from([(mode << 3) | 4, ...Array.from({ length: bytes }, noise)])
  })
  return Buffer.concat([Buffer.from(magic), ...pieces])
}

/** So many frames of all modes of speech in turn; in every third second none is sent but a descriptor now and then. */
export const withPauses = ({ speech }: HandMade, frames: number): AmrFrame[] =>
  Array.from({ length: frames }, (_, i) => {
    if (i % 150 < 100) return i % speech.length
    return i % 8 === 4 ? 'silence' : 'nothing'
  })

/** Fourteen seconds of it in a folder, read as a recording; `regionDiffers`: samples of a stretch that is sought, against the slice of the whole. */
export const tryHandMade = async (
  kind: HandMade,
  folder: string,
): Promise<{ rate: number; channels: number; longer: number; regionDiffers: number }> => {
  const frames = withPauses(kind, 700)
  const path = join(folder, `by hand.${kind.extension}`)
  writeFileSync(path, amrFile(kind, frames))
  const opened = await openRecording(path)
  const { rate, channels } = opened.recording
  const [whole] = await decodeRegion(path, [0, Infinity])
  const [start, end] = [Math.round(11.3217 * rate), Math.round(13.4561 * rate)]
  const [region] = await decodeRegion(path, [start, end], { opened })
  const slice = whole!.subarray(start, end)
  const differ = Math.abs(region!.length - slice.length) + slice.filter((value, i) => region![i] !== value).length
  const longer = opened.recording.frames - frames.length * frameSeconds * kind.rate
  return { rate, channels, longer, regionDiffers: differ }
}
