import { createComplexFft } from './fft.ts'

/** From the size/2 + 1 bins of a real frame, scaled as `RealFft.transform` gives them, to the frame. */
export type InverseRealFft = (real: Float64Array, imaginary: Float64Array, frame: Float64Array) => void

/** Even sizes made of 2, 3 and 5. Work space is reused: not re-entrant. Throws a RangeError for others. */
export const createInverseRealFft = (size: number): InverseRealFft => {
  if (size % 2 !== 0 || size < 2) throw new RangeError(`inverse FFT size must be even: ${size}`)
  const half = size / 2
  const complex = createComplexFft(half)
  const cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size))
  const sin = Float64Array.from({ length: half }, (_, k) => Math.sin((2 * Math.PI * k) / size))
  return (re, im, frame) => {
    // even samples become the real and odd ones the imaginary part of half as many; conjugated twice, the forward transform inverts
    for (let k = 0; k < half; k++) {
      const evenRe = (re[k]! + re[half - k]!) / 2
      const evenIm = (im[k]! - im[half - k]!) / 2
      const differRe = (re[k]! - re[half - k]!) / 2
      const differIm = (im[k]! + im[half - k]!) / 2
      const oddRe = differRe * cos[k]! - differIm * sin[k]!
      const oddIm = differRe * sin[k]! + differIm * cos[k]!
      complex.re[k] = evenRe - oddIm
      complex.im[k] = -(evenIm + oddRe)
    }
    const z = complex.run()
    for (let n = 0; n < half; n++) {
      frame[2 * n] = z.re[n]! / half
      frame[2 * n + 1] = -z.im[n]! / half
    }
  }
}
