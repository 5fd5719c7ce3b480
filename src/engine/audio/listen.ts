import { EngineError } from '../../contract/errors.ts'
import { startOverview, type Overview } from '../../signal/overview.ts'
import { createPace } from '../pace.ts'
import type { Decoding } from './audio.ts'

/** The one pass over a recording when it is opened: how long it is, what it looks like, whether every sample is a number. */

export interface Listened {
  frames: number
  silent: boolean
  overview: Overview
}

/** How far the pass has come. */
export interface Hearing {
  seconds: number
  /** what the file's header promises; null where it promises nothing */
  secondsPromised: number | null
  rate: number
  /** of what was read; changes with the next block */
  overview: Overview
}

export type HearingListener = (hearing: Hearing) => void

/** A few times a second: no eye sees more of a picture that grows. */
const tellMilliseconds = 200

const notFinite = (name: string, { count, frame, channel }: Broken, rate: number): EngineError => {
  const samples = count === 1 ? 'a sample' : `${count} samples, the first`
  const place = `at ${(frame / rate).toFixed(4)} s (frame ${frame}, channel ${channel})`
  return new EngineError('not-finite', `${name} has NaN or infinite sound in ${samples} ${place}; repair it first`, {
    count,
    frame,
    channel,
  })
}

interface Broken {
  count: number
  frame: number
  channel: number
}

/** Counts samples that are no numbers in a block that begins at `frame`. */
const countBroken = (broken: Broken, block: readonly Float32Array[], first: number): void => {
  for (const [channel, samples] of block.entries())
    for (let frame = 0; frame < samples.length; frame++) {
      if (Number.isFinite(samples[frame])) continue
      broken.count++
      if (first + frame < broken.frame) Object.assign(broken, { frame: first + frame, channel })
    }
}

const isSilent = (block: readonly Float32Array[]): boolean =>
  block.every((samples) => {
    for (let frame = 0; frame < samples.length; frame++) if (samples[frame] !== 0) return false
    return true
  })

/** Throws EngineError `not-finite` with the first place where a sample is no number. Memory does not grow with the length. */
export const listen = async (
  decoding: Decoding,
  name: string,
  signal?: AbortSignal,
  onHeard?: HearingListener,
): Promise<Listened> => {
  const { rate, secondsPromised } = decoding
  const pace = createPace(signal)
  const overview = startOverview()
  const broken: Broken = { count: 0, frame: Infinity, channel: 0 }
  let frames = 0
  let silent = true
  // the first picture comes soon
  let told = performance.now() - tellMilliseconds + 50
  for await (const block of decoding.blocks) {
    silent = silent && isSilent(block)
    if (overview.finite()) overview.push(block)
    if (!overview.finite()) countBroken(broken, block, frames)
    frames += block[0]?.length ?? 0
    await pace()
    if (!onHeard || performance.now() - told < tellMilliseconds) continue
    onHeard({ seconds: frames / rate, secondsPromised, rate, overview: overview.soFar() })
    told = performance.now()
  }
  if (broken.count > 0) throw notFinite(name, broken, rate)
  return { frames, silent, overview: overview.finish() }
}
