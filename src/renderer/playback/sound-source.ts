import { markRaw } from 'vue'
import type { Hearing, HearQuery } from '../../contract/engine.ts'
import type { FileAnswer } from '../../contract/file-answer.ts'
import type { HeardBy } from '../../contract/heard-by.ts'
import type { Range } from '../../contract/tensor.ts'
import { decodeWavFrames, readWavLayout } from '../../formats/wav.ts'
import { playedChannels } from '../../signal/played.ts'
import { engine } from '../engine.ts'
import { useLibrary } from '../stores/library.ts'

/** The sound of a region in pieces, fetched when they are wanted. */

/** An attention row as loudness. */
export interface Heard {
  query: HearQuery
  /** "attended by 1.74 s" */
  text: string
  /** the row stays when the pointer moves on */
  stays: boolean
}

export interface Playable {
  column: number
  recording: string
  region: Range
  /** null for the sound as it is */
  heard: Heard | null
  /** as a model hears the region that it lies in */
  heardBy?: HeardBy
  /** in aligned seconds, where it is played at the moment of another column: what that one plays */
  stretch?: Range
}

/** What is heard of it: the gain, and of which row. */
export type HeardGain = Heard & Omit<Hearing, 'file'>

interface Piece {
  /** number of its first frame */
  first: number
  channels: Float32Array[]
}

/** Frames count from the region's start. */
export interface SoundSource {
  rate: number
  /** as they are played (signal/played.ts) */
  channels: number
  frames: number
  /** null for the sound as it is */
  heard: HeardGain | null
  /** seconds of the recording */
  secondsOf(frame: number): number
  /** the first frame for what lies outside */
  frameAt(seconds: number): number
  /** the piece with that frame, where it is at hand */
  piece(frame: number): Piece | undefined
  load(frame: number): Promise<Piece>
  close(): void
}

/** of a piece; so many are kept: with those of the other column and what is under way, less than a minute */
const pieceSeconds = 2
const mostPieces = 10

/** The file that playing it plays. */
export const soundOf = async (
  { recording, region, heard, heardBy }: Playable,
  options: { signal?: AbortSignal } = {},
): Promise<{ file: FileAnswer; heard: HeardGain | null }> => {
  if (!heard) {
    const asked = { recording, region, ...(heardBy && { heardBy }) }
    return { file: await engine['recordings.audio'](asked, options), heard: null }
  }
  const { file, ...hearing } = await engine['runs.hear'](heard.query, options)
  return { file, heard: markRaw({ ...heard, ...hearing }) }
}

const channelsOf = ({ bytes }: FileAnswer): Float32Array[] => {
  const layout = readWavLayout((at, length) => bytes.subarray(at, at + length), bytes.length)
  return playedChannels(decodeWavFrames(layout, bytes.subarray(layout.dataStart)))
}

export const openSource = async (what: Playable, signal: AbortSignal): Promise<SoundSource> => {
  const { recording, heardBy } = what
  const card = heardBy
    ? (await engine['recordings.heardBy']({ recording, heardBy }, { signal })).recording
    : useLibrary().recording(recording)
  const rate = card?.rate ?? 16_000
  const at = (seconds: number): number => Math.round(seconds * rate)
  const first = at(what.region[0])
  const place = {
    rate,
    secondsOf: (frame: number) => (first + frame) / rate,
    frameAt: (seconds: number) => at(seconds) - first,
  }
  if (what.heard) {
    const { file, heard } = await soundOf(what, { signal })
    const whole: Piece = { first: 0, channels: channelsOf(file) }
    const frames = whole.channels[0]?.length ?? 0
    return {
      ...place,
      channels: whole.channels.length,
      frames,
      heard,
      piece: () => whole,
      load: () => Promise.resolve(whole),
      close: () => undefined,
    }
  }
  const frames = Math.min(card?.frames ?? Infinity, at(what.region[1])) - first
  const channels = card && card.channels <= 2 ? card.channels : 1
  return {
    ...place,
    channels,
    frames,
    heard: null,
    ...pieces({ recording, ...(heardBy && { heardBy }) }, first, frames, rate),
  }
}

const pieces = (
  sound: Pick<Playable, 'recording' | 'heardBy'>,
  start: number,
  frames: number,
  rate: number,
): Pick<SoundSource, 'piece' | 'load' | 'close'> => {
  const length = Math.max(1, Math.round(pieceSeconds * rate))
  const kept = new Map<number, Piece>()
  const coming = new Map<number, Promise<Piece>>()
  const ending = new AbortController()
  const fetch = async (number: number): Promise<Piece> => {
    const first = number * length
    const region: Range = [(start + first) / rate, (start + Math.min(frames, first + length)) / rate]
    const file = await engine['recordings.audio']({ ...sound, region }, { signal: ending.signal })
    const piece = { first, channels: channelsOf(file) }
    kept.set(number, piece)
    for (const oldest of [...kept.keys()].slice(0, -mostPieces)) kept.delete(oldest)
    return piece
  }
  return {
    piece: (frame) => {
      const number = Math.floor(frame / length)
      const found = kept.get(number)
      // the newest last
      if (found && kept.delete(number)) kept.set(number, found)
      return found
    },
    load: (frame) => {
      const number = Math.floor(frame / length)
      const asked = coming.get(number)
      if (asked) return asked
      const asking = fetch(number).finally(() => coming.delete(number))
      coming.set(number, asking)
      return asking
    },
    close: () => ending.abort(),
  }
}
