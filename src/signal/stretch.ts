import { Held, type SpeedChange } from './speed-change.ts'

/**
 * Speed without a change of pitch, by WSOLA: Verhelst and Roelands, An overlap-add technique based on waveform similarity (WSOLA) for high
 * quality time-scale modification of speech, ICASSP 1993. Frames of 20 ms are added with half an overlap, 10 ms apart in the output; each is
 * taken from within 10 ms of where speed puts it, at the place that goes on most alike (greatest normalised correlation, channels summed)
 * from the frame before it. So sound is heard within 10 ms of its place, and at a speed of 1 comes out as it went in.
 */

const hopSeconds = 0.01
/** places are compared first on a coarse grid of about this rate, then sample by sample near the best */
const coarseRate = 8000

/** of one hop from `at` and one from `other` on; every `stride`th sample */
const likeness = (mix: Float32Array, at: number, other: number, hop: number, stride: number): number => {
  let [product, energy] = [0, 1e-12]
  for (let i = 0; i < hop; i += stride) {
    const sample = mix[at + i]!
    product += sample * mix[other + i]!
    energy += sample * sample
  }
  return product / Math.sqrt(energy)
}

interface Search {
  hop: number
  stride: number
}

/** Where within a hop of `nominal` sound goes on as it does from `natural`; the nearest of equals. Indices into `mix`. */
const mostAlike = (mix: Float32Array, nominal: number, natural: number, { hop, stride }: Search): number => {
  let best = nominal
  let most = likeness(mix, nominal, natural, hop, stride)
  const tryAt = (at: number, step: number): void => {
    const found = likeness(mix, at, natural, hop, step)
    if (found > most + 1e-9) [best, most] = [at, found]
  }
  for (let away = stride; away <= hop; away += stride) {
    tryAt(nominal - away, stride)
    tryAt(nominal + away, stride)
  }
  if (stride === 1) return best
  const centre = best
  most = likeness(mix, centre, natural, hop, 1)
  for (let away = 1; away < stride; away++) {
    if (centre - away >= nominal - hop) tryAt(centre - away, 1)
    if (centre + away <= nominal + hop) tryAt(centre + away, 1)
  }
  return best
}

export const createStretch = (rate: number, channels: number, speed: number): SpeedChange => {
  const hop = Math.max(1, Math.round(rate * hopSeconds))
  const search = { hop, stride: Math.max(1, Math.floor(rate / coarseRate)) }
  // the rising half of a Hann window; the falling half is what it lacks to 1
  const rise = Float32Array.from({ length: hop }, (_, i) => Math.sin((Math.PI * i) / (2 * hop)) ** 2)
  // silence before the first frame: what is searched there must exist. The last channel is the sum of the others
  const held = new Held(channels + 1, -2 * hop, 2 * hop)
  let tail = Array.from({ length: channels }, () => new Float32Array(hop))
  /** of the next frame; and where the last one began */
  let [frame, last] = [0, -2 * hop]
  const startOf = (number: number): number => Math.round(number * hop * speed) - hop
  const withSum = (block: Float32Array[]): Float32Array[] => [
    ...block,
    Float32Array.from(block[0] ?? [], (_, i) => block.reduce((sum, samples) => sum + samples[i]!, 0)),
  ]
  /** the next hop of output, all of whose input is held */
  const next = (): Float32Array[] => {
    const nominal = startOf(frame)
    const mix = held.channels[channels]!
    const start =
      frame === 0 ? nominal : held.offset + mostAlike(mix, nominal - held.offset, last + hop - held.offset, search)
    const at = start - held.offset
    const made = tail.map((old, channel) =>
      old.map((sample, i) => sample + rise[i]! * held.channels[channel]![at + i]!),
    )
    tail = tail.map((old, channel) => old.map((_, i) => (1 - rise[i]!) * held.channels[channel]![at + hop + i]!))
    ;[frame, last] = [frame + 1, start]
    return made
  }
  /** Frames as far as input reaches; the first hop lies before the beginning, and is left out. */
  const run = (until = Infinity): Float32Array[] => {
    const hops: Float32Array[][] = []
    while (startOf(frame) + 3 * hop <= held.end && (frame - 1) * hop < until) {
      const made = next()
      if (frame > 1) hops.push(made)
    }
    return Array.from({ length: channels }, (_, channel) => {
      const joined = new Float32Array(hops.length * hop)
      hops.forEach((one, i) => joined.set(one[channel]!, i * hop))
      return joined
    })
  }
  const push = (block: Float32Array[]): void => held.move(Math.min(startOf(frame) - hop, last + hop), withSum(block))
  return {
    push: (block) => {
      push(block)
      return run()
    },
    end: () => {
      const length = Math.round(held.end / speed)
      const made = Math.max(0, frame - 1) * hop
      push(Array.from({ length: channels }, () => new Float32Array(4 * hop)))
      return run(length).map((samples) => samples.slice(0, Math.max(0, length - made)))
    },
  }
}
