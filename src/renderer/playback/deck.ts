import { createStretch } from '../../signal/stretch.ts'
import { createVarispeed } from '../../signal/varispeed.ts'
import type { SoundSource } from './sound-source.ts'

/**
 * One sound under way: blocks of the source are scheduled on the context's clock, each at the frame after the one before it, so that there is
 * neither gap nor click between them, nor where a loop begins again. Which frame is heard at a moment follows from the same numbers.
 */
export interface Deck {
  context: AudioContext
  source: SoundSource
  /** context seconds at which its first frame is due */
  startsAt: number
  /** the source's frame that is due at that time of the context, fractional; before the start it is the first */
  frameAt(contextSeconds: number): number
  setGain(gain: number): void
  /** it fades out from that time of the context on */
  stop(at?: number): void
}

export interface DeckOptions {
  context: AudioContext
  source: SoundSource
  /** where it begins: its piece must be at hand */
  frame: number
  /** context seconds */
  at: number
  loop: boolean
  speed: number
  keepPitch: boolean
  gain: number
  /** the last frame is computed, though not yet heard */
  onEnd: () => void
  onError: (error: unknown) => void
}

/** scheduled ahead: a page in the background wakes once a second */
const aheadSeconds = 2.5
const tickMilliseconds = 250
/** too short to be heard as a fade, long enough to be heard without a click */
const fadeSeconds = 0.004
/** A block that is due sooner than this may miss its frame: a context computes some blocks of its own at a time, long ones at low rates. */
export const leastAhead = ({ baseLatency }: AudioContext): number => 0.005 + 2 * baseLatency

export const startDeck = (options: DeckOptions): Deck => {
  const { context, source, loop, speed, frame } = options
  const { rate, frames } = source
  const output = new GainNode(context, { gain: 0 })
  output.connect(context.destination)
  const startFrame = Math.ceil(options.at * rate)
  const startsAt = startFrame / rate
  output.gain.setValueAtTime(0, startsAt)
  output.gain.linearRampToValueAtTime(options.gain, startsAt + fadeSeconds)
  const change = speed === 1 ? null : makeChange(options)
  /** where in the context's frames which of the frames made here is due: one entry, and one more for each time that a block came late */
  const anchors = [{ due: startFrame, made: 0 }]
  const playing = new Set<AudioBufferSourceNode>()
  /** frames read, counted on through loops; frames made of them */
  let [read, made] = [frame, 0]
  let [over, finished, busy] = [false, false, false]

  const wrapped = (counted: number): number => (loop ? counted % frames : Math.min(counted, frames))
  const dueOf = (number: number): number => {
    const { due, made } = anchors.at(-1)!
    return due + number - made
  }

  const put = (block: Float32Array[]): void => {
    const length = block[0]?.length ?? 0
    if (length === 0) return
    if (dueOf(made) < (context.currentTime + leastAhead(context)) * rate) {
      anchors.push({ due: Math.ceil((context.currentTime + 2 * leastAhead(context)) * rate), made })
    }
    const buffer = new AudioBuffer({ length, numberOfChannels: block.length, sampleRate: rate })
    block.forEach((samples, channel) => buffer.copyToChannel(new Float32Array(samples), channel))
    const node = new AudioBufferSourceNode(context, { buffer })
    node.connect(output)
    node.start(dueOf(made) / rate)
    playing.add(node)
    node.onended = () => {
      playing.delete(node)
      node.disconnect()
      if (finished && playing.size === 0 && !over) options.onEnd()
    }
    made += length
  }

  /** short blocks, so that a change of speed is computed in short slices */
  const blockFrames = Math.max(1, Math.round(rate * 0.2 * Math.min(1, speed)))
  const step = async (): Promise<void> => {
    const at = wrapped(read)
    // the first piece is at hand: what begins is scheduled at once
    const piece = source.piece(at) ?? (await source.load(at))
    if (over) return
    const from = at - piece.first
    const block = piece.channels.map((samples) => samples.subarray(from, from + blockFrames))
    const length = block[0]?.length ?? 0
    read += length
    put(change ? change.push(block) : block)
    // a file may have fewer frames than it said
    if (length > 0 && (loop || read < frames)) return
    finished = true
    if (change) put(change.end())
    if (playing.size === 0) options.onEnd()
  }
  const pump = async (): Promise<void> => {
    if (busy) return
    busy = true
    try {
      while (!over && !finished && dueOf(made) < (context.currentTime + aheadSeconds) * rate) await step()
    } catch (error) {
      if (!over) options.onError(error)
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => void pump(), tickMilliseconds)
  void pump()

  return {
    context,
    source,
    startsAt,
    frameAt: (seconds) => {
      const now = seconds * rate
      const index = Math.max(
        0,
        anchors.findLastIndex(({ due }) => due <= now),
      )
      const { due, made: before } = anchors[index]!
      // between a block that came late and the one before it, time stands still
      const until = anchors[index + 1]?.made ?? made
      return wrapped(frame + Math.min(until, before + Math.max(0, now - due)) * speed)
    },
    setGain: (gain) => output.gain.setTargetAtTime(gain, context.currentTime, 0.02),
    stop: (at = context.currentTime) => {
      over = true
      clearInterval(timer)
      output.gain.cancelScheduledValues(at)
      // at last it is nothing, however late a busy page stops what is playing
      output.gain.setValueAtTime(0, at + 2 * fadeSeconds)
      output.gain.setTargetAtTime(0, at, fadeSeconds / 3)
      for (const node of playing) node.stop(at + 2 * fadeSeconds)
      setTimeout(() => output.disconnect(), 1000 * (at - context.currentTime) + 200)
    },
  }
}

const makeChange = ({ source, speed, keepPitch }: DeckOptions) =>
  keepPitch ? createStretch(source.rate, source.channels, speed) : createVarispeed(source.channels, speed)
