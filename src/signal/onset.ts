import { createRealFft } from './fft.ts'
import { hannPeriodic } from './window.ts'

/**
 * The first onset of a sound. Spectral flux SF(n) = Σ_k max(0, |X(n, k)| − |X(n − 1, k)|), scaled to a mean of 0 and a standard deviation
 * of 1, and peaks of it by the three conditions of Dixon, Onset Detection Revisited, DAFx 2006, §2.6: the greatest within ± w frames,
 * δ above the mean of the frames from m · w before to w behind, and not below a threshold that decays from the last peak.
 * The frame found says it within a window's length; within that, the onset is where the energy of x(t) − x(t − 1), which hears high
 * frequencies most, rises most from one millisecond to the next (after the energy derivative and the weighting by frequency of Bello et
 * al., A Tutorial on Onset Detection in Music Signals, IEEE TSAP 13(5), 2005, §III-A).
 */

/** at 16 kHz: windows of 50 ms (Dixon: 46 ms) every 10 ms */
export const onsetRate = 16_000
const size = 800
const hop = 160
const block = 16
/** Dixon's w, m, α, and his δ in standard deviations */
const [w, m, alpha, delta] = [3, 3, 0.9, 0.5]

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

/** Frames at which an onset is, first first. None where the flux hardly varies. */
export const pickOnsets = (flux: Float64Array): number[] => {
  const mean = flux.reduce((sum, value) => sum + value, 0) / flux.length
  const deviation = Math.sqrt(flux.reduce((sum, value) => sum + (value - mean) ** 2, 0) / flux.length)
  if (!(deviation > 1e-9)) return []
  const f = flux.map((value) => (value - mean) / deviation)
  const found: number[] = []
  let decaying = -Infinity
  for (let n = 0; n < f.length; n++) {
    const near = f.subarray(Math.max(0, n - w), n + w + 1)
    const around = f.subarray(Math.max(0, n - m * w), n + w + 1)
    const level = around.reduce((sum, value) => sum + value, 0) / around.length
    if (f[n]! >= Math.max(...near) && f[n]! >= level + delta && f[n]! >= decaying) found.push(n)
    decaying = Math.max(f[n]!, decaying === -Infinity ? f[n]! : alpha * decaying + (1 - alpha) * f[n]!)
  }
  return found
}

/**
 * The sample, counted from `lead`, at which the first onset of mono sound at 16 kHz is; null where none stands out. The stretch that is
 * searched begins at sample `lead`: what stands before it is only heard.
 */
export const firstOnset = (samples: Float32Array, lead = onsetLead): number | null => {
  const frame = pickOnsets(spectralFlux(samples, lead))[0]
  if (frame === undefined) return null
  const centre = lead + frame * hop
  const energy = (from: number): number => {
    let sum = 0
    for (let i = Math.max(1, from); i < Math.min(samples.length, from + block); i++)
      sum += (samples[i]! - samples[i - 1]!) ** 2
    return sum
  }
  let [best, at] = [-Infinity, centre]
  for (
    let from = Math.max(lead, centre - size / 2);
    from < Math.min(samples.length, centre + size / 2);
    from += block
  ) {
    const rise = energy(from) - energy(from - block)
    if (rise > best) [best, at] = [rise, from]
  }
  return at - lead
}
