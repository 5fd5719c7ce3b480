/** Windows of `length` samples. Periodic ones repeat without a doubled zero (STFT); symmetric ones end as they begin (Kaldi). */

const hann = (length: number, period: number): Float64Array =>
  period === 0
    ? new Float64Array(length).fill(1)
    : Float64Array.from({ length }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / period))

/** Hann as torch.hann_window and scipy's STFT use it. */
export const hannPeriodic = (length: number): Float64Array => hann(length, length)

/** Hann as numpy.hanning and Kaldi's `hanning` have it. */
export const hannSymmetric = (length: number): Float64Array => hann(length, length - 1)
