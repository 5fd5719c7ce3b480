import type { WindowShape } from '../contract/spectrogram.ts'

/** Windows of `length` samples. Periodic ones repeat without a doubled zero (STFT); symmetric ones end as they begin (Kaldi). */

/** Σ (−1)^k · a_k · cos(2πkn / period) */
const cosines = (length: number, period: number, weights: readonly number[]): Float64Array =>
  Float64Array.from({ length }, (_, n) =>
    weights.reduce((sum, weight, k) => sum + (-1) ** k * weight * Math.cos((2 * Math.PI * k * n) / period), 0),
  )

const hann = (length: number, period: number): Float64Array =>
  period === 0 ? new Float64Array(length).fill(1) : cosines(length, period, [0.5, 0.5])

/** Hann as torch.hann_window and scipy's STFT use it. */
export const hannPeriodic = (length: number): Float64Array => hann(length, length)

/** Hann as numpy.hanning and Kaldi's `hanning` have it. */
export const hannSymmetric = (length: number): Float64Array => hann(length, length - 1)

/** Modified Bessel function of the first kind, order 0, by its power series. */
const besselI0 = (x: number): number => {
  let [sum, term] = [1, 1]
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

/** side lobes below −100 dB (numpy's manual: "a good starting point") */
export const kaiserBeta = 14

const kaiserPeriodic = (length: number): Float64Array =>
  Float64Array.from(
    { length },
    (_, n) => besselI0(kaiserBeta * Math.sqrt(1 - ((2 * n) / length - 1) ** 2)) / besselI0(kaiserBeta),
  )

/** Periodic windows as scipy.signal.get_window has them (`hann`, `hamming`, `blackman`, `('kaiser', 14)`). */
export const windowOf: Record<WindowShape, (length: number) => Float64Array> = {
  hann: hannPeriodic,
  hamming: (length) => cosines(length, length, [0.54, 0.46]),
  blackman: (length) => cosines(length, length, [0.42, 0.5, 0.08]),
  kaiser: kaiserPeriodic,
}
