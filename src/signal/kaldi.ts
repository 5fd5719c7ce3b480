import { createRealFft } from './fft.ts'
import { applyBank, kaldiBank, type MelBank } from './mel.ts'
import { hannSymmetric } from './window.ts'

/**
 * Kaldi's filter-bank features as ASTFeatureExtractor and SeamlessM4TFeatureExtractor of transformers v5.18 compute them: frames of
 * 400 samples every 160, not centred, whatever the rate.
 */
export const kaldiFrame = 400
export const kaldiHop = 160
const fftSize = 512
const preEmphasis = 0.97
/** torch.finfo(float32).eps, Kaldi's floor under the logarithm */
const floor = 1.192092955078125e-7

export const kaldiFilters = (bands: number, rate: number): MelBank =>
  kaldiBank({ bands, bins: fftSize / 2 + 1, rate, lowest: 20, highest: Math.floor(rate / 2) })

/** Whole frames in `samples`. */
export const kaldiFrames = (samples: number): number => Math.max(0, Math.floor((samples - kaldiFrame) / kaldiHop) + 1)

export interface KaldiOptions {
  bands: number
  rate: number
  /** Kaldi's own is Povey's; AST was trained on Hann's */
  window: 'hann' | 'povey'
  /** what samples are multiplied by: 1, or 32768 where 16-bit numbers are meant */
  scale: number
  /** frames at most */
  limit?: number
}

/** Log energies [frame, band] of the first frames. */
export const kaldiFbank = (
  samples: Float32Array,
  { bands, rate, window: shape, scale, limit = Infinity }: KaldiOptions,
): { data: Float32Array; frames: number } => {
  const frames = Math.min(limit, kaldiFrames(samples.length))
  const bank = kaldiFilters(bands, rate)
  const fft = createRealFft(fftSize)
  const hann = hannSymmetric(kaldiFrame)
  const window = hann.map((value) => scale * (shape === 'povey' ? value ** 0.85 : value))
  const frame = new Float64Array(fftSize)
  const power = new Float64Array(fftSize / 2 + 1)
  const energy = new Float64Array(bands)
  const data = new Float32Array(frames * bands)
  for (let j = 0; j < frames; j++) {
    fillFrame(frame, samples, j * kaldiHop, window)
    fft.power(frame, power)
    applyBank(bank, power, energy)
    for (let band = 0; band < bands; band++) data[j * bands + band] = Math.log(Math.max(floor, energy[band]!))
  }
  return { data, frames }
}

/** One frame without its mean, pre-emphasised and windowed; the rest of the FFT buffer stays zero. */
const fillFrame = (frame: Float64Array, samples: Float32Array, start: number, window: Float64Array): void => {
  let mean = 0
  for (let n = 0; n < kaldiFrame; n++) mean += samples[start + n]!
  mean /= kaldiFrame
  // the sample before the first is taken to equal it
  let before = samples[start]! - mean
  for (let n = 0; n < kaldiFrame; n++) {
    const value = samples[start + n]! - mean
    frame[n] = (value - preEmphasis * before) * window[n]!
    before = value
  }
}
