import type { Stft } from '../contract/spectrogram.ts'
import type { Range, Raster } from '../contract/tensor.ts'
import { createPowerOfFour, type PowerOfFour } from './simd/power-of-four.ts'
import { kaiserBeta, windowOf } from './window.ts'

/**
 * Magnitude spectrogram in dB, sized to a screen. Frame i is centred on sample i · hop; what a frame sees beyond the
 * recording counts as zero. 0 dB is a sine of amplitude 1.
 */
export const defaultStft: Stft = { size: 1024, hop: 256, window: 'hann', scale: 'linear' }
/** Silence is drawn here and not at −∞. */
export const stftFloor = -120

/** Above this many frames in one column only some, evenly spread, are transformed. */
export const framesPerColumn = 32

const windowNames = { hann: 'Hann', hamming: 'Hamming', blackman: 'Blackman', kaiser: `Kaiser (β ${kaiserBeta})` }

/** "STFT 2048/512 Hann · log": window and hop in samples; a linear scale goes without saying. */
export const stftTitle = ({ size, hop, window, scale }: Stft): string =>
  `STFT ${size}/${hop} ${windowNames[window]}${scale === 'linear' ? '' : ` · ${scale}`}`

export const stftBins = (size: number): number => size / 2 + 1

/** Frames of a recording: as many as have their centre on it. */
export const stftFrames = (samples: number, hop: number): number => Math.ceil(samples / hop)

/** Centre frequency of every bin in Hz. */
export const stftHertz = (rate: number, size: number): Float32Array =>
  Float32Array.from({ length: stftBins(size) }, (_, bin) => (bin * rate) / size)

/** Bins [first, end) whose centres lie within [low, high] Hz; the nearest one where none does. */
export const stftBinsWithin = (rate: number, size: number, [low, high]: readonly [number, number]): Range => {
  const bins = stftBins(size)
  const first = Math.min(bins - 1, Math.max(0, Math.ceil((low * size) / rate - 1e-6)))
  return [first, Math.min(bins, Math.max(first, Math.floor((high * size) / rate + 1e-6)) + 1)]
}

/** The samples that frames [start, end) see; may reach below 0 and past the end. */
export const samplesOfFrames = ({ size, hop }: Stft, [start, end]: Range): Range => [
  start * hop - size / 2,
  (end - 1) * hop + size / 2,
]

/** Which bins of an STFT lie in which row of a picture. */
export interface FrequencyRows {
  /** bins [first, end) of every row, lowest first; none is empty */
  bins: Range[]
  /** what rows are counted in: bins of the transform, or the rows themselves where they are not evenly spaced in Hz */
  source: Range
  /** centre frequency in Hz of everything in `source` */
  hertz: Float32Array
}

/** A stretch of a recording: its channels from sample `offset` on. */
export interface Stretch {
  offset: number
  channels: Float32Array[]
}

/** The same as one channel, as it is transformed. */
export interface Mono {
  offset: number
  samples: Float32Array
}

/** Powers of four frames at once, 1 for a sine of amplitude 1. */
export const createStft = ({ size, window }: Pick<Stft, 'size' | 'window'>): PowerOfFour =>
  createPowerOfFour(scaledWindow(size, window))

/** The samples from `first` on, zero where there are none. */
export const fillFrame = (frame: Float32Array, samples: Float32Array, first: number): void => {
  const [from, to] = [Math.max(0, first), Math.max(0, Math.min(samples.length, first + frame.length))]
  if (to - from < frame.length) frame.fill(0)
  if (to > from) frame.set(samples.subarray(from, to), from - first)
}

/** A window, divided by what it makes of a sine of amplitude 1: Σw / 2. */
const scaledWindow = (size: number, shape: Stft['window']): Float64Array => {
  const window = windowOf[shape](size)
  const sine = window.reduce((sum, value) => sum + value, 0) / 2
  return window.map((value) => value / sine)
}

/** Where `cells` cells over the steps [start, end) begin and end. */
export const pooledColumns = (steps: Range, cells: number): Range[] => {
  const size = (steps[1] - steps[0]) / cells
  const edge = (index: number): number => Math.floor(steps[0] + index * size)
  return Array.from({ length: cells }, (_, index): Range => [edge(index), edge(index + 1)])
}

/**
 * The spectrogram of frames, pooled by maximum into columns (frames [start, end) of each) and rows, lowest frequency first. A
 * generator that asks for the samples [start, end) of one column after another and is answered with a stretch that holds them as far as the
 * recording has them; it returns the raster.
 */
export function* spectrogram(stft: Stft, columns: Range[], rows: FrequencyRows): Generator<Range, Raster, Mono> {
  const data = new Float32Array(rows.bins.length * columns.length)
  const strongest = createStrongest(stft)
  const bins = Int32Array.from(rows.bins.flat())
  for (const [column, frames] of columns.entries())
    pool(strongest(yield samplesOfFrames(stft, frames), frames), bins, data, column, columns.length)
  const frames: Range = [columns[0]?.[0] ?? 0, columns.at(-1)?.[1] ?? 0]
  const source = { rows: rows.source, columns: frames }
  return { rows: rows.bins.length, columns: columns.length, data, source, ...extremes(data) }
}

/** The greatest of the bins [first, end) of every row, in dB, into one column of a picture. */
const pool = (power: Float32Array, bins: Int32Array, data: Float32Array, column: number, columns: number): void => {
  for (let row = 0; 2 * row < bins.length; row++) {
    let greatest = 0
    for (let bin = bins[2 * row]!, end = bins[2 * row + 1]!; bin < end; bin++)
      if (power[bin]! > greatest) greatest = power[bin]!
    data[row * columns + column] = decibels(greatest)
  }
}

export const decibels = (power: number): number => Math.max(stftFloor, 10 * Math.log10(power))

/** Power per bin of the strongest of a column's frames, in a buffer that is used again. */
const createStrongest = (stft: Stft): ((mono: Mono, frames: Range) => Float32Array) => {
  const four = createStft(stft)
  const strongest = new Float32Array(stftBins(stft.size))
  return ({ offset, samples }, [start, end]) => {
    const stride = Math.max(1, (end - start) / framesPerColumn)
    let filled = 0
    const take = (): void => {
      four.run()
      for (const power of four.powers.slice(0, filled))
        for (let bin = 0; bin < power.length; bin++) if (power[bin]! > strongest[bin]!) strongest[bin] = power[bin]!
      filled = 0
    }
    strongest.fill(0)
    for (let at = start; at < end; at += stride) {
      fillFrame(four.frames[filled++]!, samples, Math.floor(at) * stft.hop - stft.size / 2 - offset)
      if (filled === 4) take()
    }
    if (filled > 0) take()
    return strongest
  }
}

/** The least and the greatest of what is drawn. */
export const extremes = (data: Float32Array): { low: number; high: number } => {
  let low = Infinity
  let high = -Infinity
  for (const value of data) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return { low, high }
}
