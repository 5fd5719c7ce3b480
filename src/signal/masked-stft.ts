import { createRealFft } from './fft.ts'
import { createInverseRealFft } from './inverse-fft.ts'
import { hannPeriodic } from './window.ts'

/** The gains of one frame, for bins 0 … size/2, into `into`; the frame is centred on sample `centre`. */
export type MaskFrame = (centre: number, into: Float64Array) => void

/** Seconds that a frame is at most. */
const frameSeconds = 0.064

/** Samples of a frame: the greatest power of two that is not over 64 ms, 1024 at 16 kHz. */
export const maskSize = (rate: number): number => 2 ** Math.max(1, Math.floor(Math.log2(rate * frameSeconds)))

/**
 * Sound with a gain for every time and frequency: the STFT (Hann, frame i centred on sample i · size/4, zero beyond the
 * sound) times the mask, then back by overlap-add with the window once more and divided by the sum of its squares, which
 * is nearest to the masked STFT in least squares (Griffin and Lim 1984, eq. 6) and gives the sound itself for a mask of ones. A
 * generator that yields after each frame, so that others may be heard; it returns as many samples as it was given.
 */
export function* maskSound(samples: Float32Array, size: number, mask: MaskFrame): Generator<void, Float32Array> {
  const hop = size / 4
  const bins = size / 2 + 1
  const window = hannPeriodic(size)
  const [forward, inverse] = [createRealFft(size), createInverseRealFft(size)]
  const [frame, gains] = [new Float64Array(size), new Float64Array(bins)]
  const [re, im] = [new Float64Array(bins), new Float64Array(bins)]
  const sum = new Float64Array(samples.length)
  const weight = new Float64Array(samples.length)
  // every frame that reaches into the sound
  for (let i = -1; (i - 2) * hop < samples.length; i++) {
    const centre = i * hop
    const first = centre - size / 2
    for (let n = 0; n < size; n++) frame[n] = (samples[first + n] ?? 0) * window[n]!
    forward.transform(frame, re, im)
    mask(centre, gains)
    for (let bin = 0; bin < bins; bin++) {
      re[bin]! *= gains[bin]!
      im[bin]! *= gains[bin]!
    }
    inverse(re, im, frame)
    const [from, to] = [Math.max(0, -first), Math.min(size, samples.length - first)]
    for (let n = from; n < to; n++) {
      sum[first + n]! += frame[n]! * window[n]!
      weight[first + n]! += window[n]! * window[n]!
    }
    yield
  }
  return Float32Array.from(sum, (value, n) => value / weight[n]!)
}
