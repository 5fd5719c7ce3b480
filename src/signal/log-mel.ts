import { createRealFft } from './fft.ts'
import { applyBank, slaneyBank, type MelBank } from './mel.ts'
import { hannPeriodic } from './window.ts'

/** Whisper's front end, as WhisperFeatureExtractor of transformers v5.18 computes it. */
export interface LogMelOptions {
  bands: number
  rate: number
  fftSize: number
  hop: number
  /** the clip is padded with zeros to this many samples; a longer one is refused */
  samples: number
}

/** The highest frequency of Whisper's bank, in Hz, at any rate. */
const highest = 8000
const floor = 1e-10

export const logMelBank = ({ bands, rate, fftSize }: LogMelOptions): MelBank =>
  slaneyBank({ bands, bins: Math.floor(fftSize / 2) + 1, rate, lowest: 0, highest })

/**
 * Log-mel spectrogram [band, frame], frame j centred at sample j · hop; (log10 of the energy, at most 8 below the
 * loudest, + 4) / 4. The clip is mirrored at its two ends, and the frame after the last hop is left out.
 */
export const logMel = (samples: Float32Array, options: LogMelOptions): { data: Float32Array; frames: number } => {
  const { bands, fftSize, hop } = options
  if (samples.length > options.samples)
    throw new RangeError(`the clip has ${samples.length} samples, more than the ${options.samples} that are padded to`)
  const frames = Math.floor(options.samples / hop)
  const bank = logMelBank(options)
  const fft = createRealFft(fftSize)
  const window = hannPeriodic(fftSize)
  const frame = new Float64Array(fftSize)
  const power = new Float64Array(Math.floor(fftSize / 2) + 1)
  const energy = new Float64Array(bands)
  const data = new Float32Array(bands * frames).fill(Math.log10(floor))
  let loudest = Math.log10(floor)
  for (let j = 0; j < frames; j++) {
    if (!fillFrame(frame, samples, options.samples, j * hop - Math.floor(fftSize / 2))) continue
    for (let n = 0; n < fftSize; n++) frame[n]! *= window[n]!
    fft.power(frame, power)
    applyBank(bank, power, energy)
    for (let band = 0; band < bands; band++) {
      const value = Math.log10(Math.max(floor, energy[band]!))
      data[band * frames + j] = value
      if (value > loudest) loudest = value
    }
  }
  for (let i = 0; i < data.length; i++) data[i] = (Math.max(data[i]!, loudest - 8) + 4) / 4
  return { data, frames }
}

/** The frame that begins at sample `start` of the padded clip, mirrored at both ends; false where it is all zero. */
const fillFrame = (frame: Float64Array, samples: Float32Array, padded: number, start: number): boolean => {
  let any = false
  for (let n = 0; n < frame.length; n++) {
    const at = Math.abs(start + n)
    const value = samples[at < padded ? at : 2 * (padded - 1) - at] ?? 0
    frame[n] = value
    if (value !== 0) any = true
  }
  return any
}
