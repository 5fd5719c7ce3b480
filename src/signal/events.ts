import {
  changeEnergies,
  createOnsetPicker,
  onsetBlock,
  onsetHop,
  onsetLead,
  onsetRate,
  onsetWindow,
  refineOnset,
  spectralFlux,
} from './onset.ts'

/**
 * Events of a sound: from each onset (onset.ts) to where its level has fallen. The level of a frame is the mean square of the 50 ms around
 * its centre, in dB. Onsets without a rise in level are left out: what stops at once changes its spectrum, too. An event ends where the
 * level is first 20 dB below the peak so far, or half way in dB between the peak and the floor where that is higher, and at the latest where the
 * next one begins. The floor is what a tenth of the frames lie under, to half a dB. Frames are 10 ms apart; what a frame sees is taken
 * off an end, which is at least a frame after the onset.
 */

/** dB */
const fall = 20
const silence = -120
const floorStep = 0.5
/** by how many dB the level is to rise, from how many frames before the onset's to which around it */
const [leastRise, before, around] = [1, 6, 2]
const blocksPerFrame = onsetHop / onsetBlock

/** What is known of each frame of a stretch, filled piece by piece. */
export interface EventFrames {
  flux: Float64Array
  /** dB */
  level: Float32Array
  /** energies of change, as `changeEnergies`: block 0 is the one before the stretch */
  energies: Float32Array
}

export const createEventFrames = (frames: number): EventFrames => ({
  flux: new Float64Array(frames),
  level: new Float32Array(frames).fill(silence),
  energies: new Float32Array(frames * blocksPerFrame + 1),
})

/** Samples that `measureFrames` needs around a piece. */
export const eventLead = onsetLead
export const eventTail = onsetWindow / 2

/** Measures `count` frames from frame `first` on. `samples`, at 16 kHz, begin `eventLead` before the first one's centre. */
export const measureFrames = (into: EventFrames, samples: Float32Array, first: number, count: number): void => {
  into.flux.set(spectralFlux(samples).subarray(0, count), first)
  const energies = changeEnergies(samples).subarray(0, count * blocksPerFrame + 1)
  into.energies.set(energies.subarray(first === 0 ? 0 : 1), first * blocksPerFrame + (first === 0 ? 0 : 1))
  for (let n = 0; n < count; n++) {
    const from = eventLead + n * onsetHop - onsetWindow / 2
    let square = 0
    for (let i = from; i < from + onsetWindow; i++) square += (samples[i] ?? 0) ** 2
    into.level[first + n] = 10 * Math.log10(square / onsetWindow + 10 ** (silence / 10))
  }
}

/** The level that a tenth of the frames lie under, in steps of half a dB. */
const floorOf = (level: Float32Array): number => {
  const counts = new Float64Array(400)
  const binOf = (value: number): number =>
    Math.min(counts.length - 1, Math.max(0, Math.floor((value - silence) / floorStep)))
  for (const value of level) counts[binOf(value)]!++
  let under = 0
  const bin = counts.findIndex((count) => (under += count) >= level.length / 10)
  return silence + Math.max(0, bin) * floorStep
}

const rises = (level: Float32Array, n: number): boolean =>
  n < before || Math.max(...level.subarray(n - around, n + around + 1)) >= level[n - before]! + leastRise

/** δ of the onset detector: 0.5, as Dixon has it, at a sensitivity of one half; a quarter and four times that at the ends. */
const deltaOf = (sensitivity: number): number => 0.5 * 4 ** (1 - 2 * sensitivity)

/**
 * Samples from the stretch's beginning, half-open, of every event at least `leastSamples` long. A generator, as a long recording has a million frames:
 * it gives way after every few thousand.
 */
export function* findEvents(
  { flux, level, energies }: EventFrames,
  { sensitivity, leastSamples }: { sensitivity: number; leastSamples: number },
): Generator<void, [number, number][]> {
  const isOnset = createOnsetPicker(flux, deltaOf(sensitivity))
  const onsets: number[] = []
  for (let n = 0; n < flux.length; n++) {
    if (n % 2048 === 0) yield
    if (!isOnset(n) || !rises(level, n)) continue
    const at = refineOnset(energies, n)
    if (at > (onsets.at(-1) ?? -1)) onsets.push(at)
  }
  const floor = floorOf(level)
  const found: [number, number][] = []
  for (const [i, at] of onsets.entries()) {
    yield
    const next = onsets[i + 1]
    // frames that do not yet see what comes next
    const until = next !== undefined ? Math.floor((next - onsetWindow / 2) / onsetHop) + 1 : level.length
    // frames that see the onset, and all that follow while it sounds
    let peak = -Infinity
    let end = Math.max(0, Math.floor((at - onsetWindow / 2) / onsetHop) + 1)
    const seen = Math.floor((at + onsetWindow / 2) / onsetHop)
    for (; end < until; end++) {
      peak = Math.max(peak, level[end]!)
      if (end > seen && level[end]! < Math.max(peak - fall, (peak + floor) / 2)) break
    }
    const latest = next ?? level.length * onsetHop
    const fallen = end < until ? Math.max(at + onsetHop, end * onsetHop - onsetWindow / 2) : latest
    const stop = Math.min(latest, fallen)
    if (stop - at >= Math.max(1, leastSamples)) found.push([at, stop])
  }
  return found
}

export const eventRate = onsetRate
export const eventHop = onsetHop
