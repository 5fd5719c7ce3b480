import type { Range, Raster } from '../contract/tensor.ts'
import { createRealFft } from './fft.ts'
import { hannPeriodic } from './window.ts'

/**
 * Magnitude spectrogram in dB, sized to a screen. Frame i is centred on sample i · hop; what a frame sees beyond the
 * recording counts as zero. 0 dB is a sine of amplitude 1.
 */
export const stftSize = 1024
export const stftHop = 256
/** Silence is drawn here and not at −∞. */
export const stftFloor = -120

/** Above this many frames in one column only some, evenly spread, are transformed. */
const framesPerColumn = 32

export const stftBins = stftSize / 2 + 1

/** Frames of a recording: as many as have their centre on it. */
export const stftFrames = (samples: number): number => Math.ceil(samples / stftHop)

/** Centre frequency of every bin in Hz. */
export const stftHertz = (rate: number): Float32Array =>
  Float32Array.from({ length: stftBins }, (_, bin) => (bin * rate) / stftSize)

/** Bins [first, end) whose centres lie within [low, high] Hz; the nearest one where none does. */
export const stftBinsWithin = (rate: number, [low, high]: readonly [number, number]): Range => {
  const first = Math.min(stftBins - 1, Math.max(0, Math.ceil((low * stftSize) / rate - 1e-6)))
  return [first, Math.min(stftBins, Math.max(first, Math.floor((high * stftSize) / rate + 1e-6)) + 1)]
}

/** The samples that frames [start, end) see; may reach below 0 and past the end. */
const samplesNeeded = (frames: Range): Range => [
  frames[0] * stftHop - stftSize / 2,
  (frames[1] - 1) * stftHop + stftSize / 2,
]

/** Hann window, divided by what it makes of a sine of amplitude 1: Σw / 2. */
const scaledWindow = (): Float64Array => {
  const window = hannPeriodic(stftSize)
  const sine = window.reduce((sum, value) => sum + value, 0) / 2
  return window.map((value) => value / sine)
}

/** Steps [start, end) of `source` that cell `index` of `cells` pools. */
const pooled = (source: Range, cells: number, index: number): Range => {
  const size = (source[1] - source[0]) / cells
  return [Math.floor(source[0] + index * size), Math.floor(source[0] + (index + 1) * size)]
}

/** A stretch of a recording: its channels from sample `offset` on. */
export interface Stretch {
  offset: number
  channels: Float32Array[]
}

/**
 * The spectrogram of frames [start, end), pooled by maximum to at most `width` × `height`; rows from the lowest frequency
 * up, those of `bins`; channels are averaged. A generator that asks for the samples [start, end) of one column after another and is
 * answered with a stretch that holds them as far as the recording has them; it returns the raster.
 */
export function* spectrogram(
  frames: Range,
  width: number,
  height: number,
  bins: Range = [0, stftBins],
): Generator<Range, Raster, Stretch> {
  const columns = Math.min(width, frames[1] - frames[0])
  const rows = Math.min(height, bins[1] - bins[0])
  const data = new Float32Array(rows * columns)
  const strongest = createStftColumn()
  for (let column = 0; column < columns; column++) {
    const wanted = pooled(frames, columns, column)
    const power = strongest(yield samplesNeeded(wanted), wanted)
    for (let row = 0; row < rows; row++) {
      const [first, last] = pooled(bins, rows, row)
      let greatest = 0
      for (let bin = first; bin < last; bin++) greatest = Math.max(greatest, power[bin]!)
      data[row * columns + column] = Math.max(stftFloor, 10 * Math.log10(greatest))
    }
  }
  return { rows, columns, data, source: { rows: bins, columns: frames }, ...extremes(data) }
}

/** Power per bin of the strongest of a column's frames, in a buffer that is used again. */
export const createStftColumn = (): ((stretch: Stretch, frames: Range) => Float64Array) => {
  const fft = createRealFft(stftSize)
  const window = scaledWindow()
  const frame = new Float64Array(stftSize)
  const power = new Float64Array(stftBins)
  const strongest = new Float64Array(stftBins)
  return ({ offset, channels }, [start, end]) => {
    strongest.fill(0)
    const stride = Math.max(1, (end - start) / framesPerColumn)
    for (let at = start; at < end; at += stride) {
      const first = Math.floor(at) * stftHop - stftSize / 2 - offset
      frame.fill(0)
      for (const samples of channels) for (let n = 0; n < stftSize; n++) frame[n]! += samples[first + n] ?? 0
      for (let n = 0; n < stftSize; n++) frame[n]! *= window[n]! / channels.length
      fft.power(frame, power)
      for (let bin = 0; bin < stftBins; bin++) if (power[bin]! > strongest[bin]!) strongest[bin] = power[bin]!
    }
    return strongest
  }
}

const extremes = (data: Float32Array): { low: number; high: number } => {
  let low = Infinity
  let high = -Infinity
  for (const value of data) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return { low, high }
}
