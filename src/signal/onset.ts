import { createRealFft } from './fft.ts'
import { hannPeriodic } from './window.ts'

/**
 * Onsets of a sound. Spectral flux SF(n) = Σ_k max(0, |X(n, k)| − |X(n − 1, k)|), scaled to a mean of 0 and a standard deviation
 * of 1, and peaks of it by the three conditions of Dixon, Onset Detection Revisited, DAFx 2006, §2.6: the greatest within ± w frames,
 * δ above the mean of the frames from m · w before to w behind, and not below a threshold that decays from the last peak.
 * The frame found says it within a window's length; within that, the onset is where the energy of x(t) − x(t − 1), which hears high
 * frequencies most, rises most from one millisecond to the next (after the energy derivative and the weighting by frequency of Bello et
 * al., A Tutorial on Onset Detection in Music Signals, IEEE TSAP 13(5), 2005, §III-A).
 */

/** at 16 kHz: windows of 50 ms (Dixon: 46 ms) every 10 ms */
export const onsetRate = 16_000
export const onsetWindow = 800
export const onsetHop = 160
export const onsetBlock = 16
const size = onsetWindow
const hop = onsetHop
/** Dixon's w, m, α, and his δ in standard deviations */
const [w, m, alpha, usualDelta] = [3, 3, 0.9, 0.5]

/** What the first frame and the one before it see: as many samples are to stand before the stretch that is searched. */
export const onsetLead = size / 2 + hop

/** The flux of frames centred on samples lead, lead + hop …; what a frame sees beyond the samples counts as zero. */
export const spectralFlux = (samples: Float32Array, lead = onsetLead): Float64Array => {
  const fft = createRealFft(size)
  const window = hannPeriodic(size)
  const frame = new Float64Array(size)
  let [before, now] = [new Float64Array(size / 2 + 1), new Float64Array(size / 2 + 1)]
  const magnitudes = (centre: number, into: Float64Array): void => {
    for (let i = 0; i < size; i++) frame[i] = (samples[centre - size / 2 + i] ?? 0) * window[i]!
    fft.power(frame, into)
    for (let k = 0; k < into.length; k++) into[k] = Math.sqrt(into[k]!)
  }
  magnitudes(lead - hop, before)
  const flux = new Float64Array(Math.max(0, Math.ceil((samples.length - lead) / hop)))
  for (let n = 0; n < flux.length; n++) {
    magnitudes(lead + n * hop, now)
    for (let k = 0; k < now.length; k++) flux[n]! += Math.max(0, now[k]! - before[k]!)
    ;[before, now] = [now, before]
  }
  return flux
}

/** Says of each frame in turn whether an onset is there, δ standard deviations above what is around it; never where the flux hardly varies. */
export const createOnsetPicker = (flux: Float64Array, delta = usualDelta): ((frame: number) => boolean) => {
  const mean = flux.reduce((sum, value) => sum + value, 0) / flux.length
  const deviation = Math.sqrt(flux.reduce((sum, value) => sum + (value - mean) ** 2, 0) / flux.length)
  if (!(deviation > 1e-9)) return () => false
  const f = flux.map((value) => (value - mean) / deviation)
  let decaying = -Infinity
  return (n) => {
    const near = f.subarray(Math.max(0, n - w), n + w + 1)
    const around = f.subarray(Math.max(0, n - m * w), n + w + 1)
    const level = around.reduce((sum, value) => sum + value, 0) / around.length
    const found = f[n]! >= Math.max(...near) && f[n]! >= level + delta && f[n]! >= decaying
    decaying = Math.max(f[n]!, decaying === -Infinity ? f[n]! : alpha * decaying + (1 - alpha) * f[n]!)
    return found
  }
}

/** Frames at which an onset is, first first. None where the flux hardly varies. */
export const pickOnsets = (flux: Float64Array): number[] => {
  const isOnset = createOnsetPicker(flux)
  return [...flux.keys()].filter(isOnset)
}

/** Energy of x(t) − x(t − 1) in blocks of a millisecond; block 0 is the one before sample `lead`. */
export const changeEnergies = (samples: Float32Array, lead = onsetLead): Float64Array => {
  const energies = new Float64Array(Math.ceil((samples.length - lead) / onsetBlock) + 1)
  for (let i = Math.max(1, lead - onsetBlock); i < samples.length; i++)
    energies[Math.floor((i - lead) / onsetBlock) + 1]! += (samples[i]! - samples[i - 1]!) ** 2
  return energies
}

/** The sample, counted from `lead`, at which the energy rises most within a window of a frame. */
export const refineOnset = (energies: ArrayLike<number>, frame: number): number => {
  const first = Math.ceil((frame * onsetHop - size / 2) / onsetBlock)
  let [best, at] = [-Infinity, Math.max(0, first)]
  for (let block = Math.max(0, first); block < Math.min(energies.length - 1, first + size / onsetBlock); block++) {
    const rise = energies[block + 1]! - energies[block]!
    if (rise > best) [best, at] = [rise, block]
  }
  return at * onsetBlock
}

/**
 * The sample, counted from `lead`, at which the first onset of mono sound at 16 kHz is; null where none stands out. The stretch that is
 * searched begins at sample `lead`: what stands before it is only heard.
 */
export const firstOnset = (samples: Float32Array, lead = onsetLead): number | null => {
  const frame = pickOnsets(spectralFlux(samples, lead))[0]
  return frame === undefined ? null : refineOnset(changeEnergies(samples, lead), frame)
}
