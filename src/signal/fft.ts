/** FFT of real frames, any length with factors 2, 3 and 5 (Whisper needs 400). To be filled in by its owner. */
export interface RealFft {
  readonly size: number
  /** squared magnitudes of the size/2 + 1 bins of `frame` into `out` */
  power(frame: Float64Array, out: Float64Array): void
}
