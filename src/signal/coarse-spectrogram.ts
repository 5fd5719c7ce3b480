import type { Range, Raster } from '../contract/tensor.ts'
import { createStft, defaultStft, extremes, stftBins, stftFloor, type FrequencyRows } from './stft.ts'

/**
 * A spectrogram of a whole recording, however long, that is made while it is read once: frames of the default window, centred on samples 0, hop,
 * 2 · hop …, a byte for each bin. The hop begins at 4096 samples and doubles whenever there are 65,536 frames.
 */
export interface Coarse {
  hop: number
  frames: number
  /** of `chunkFrames` frames each (the last has fewer), frame after frame, each of 513 bins from 0 Hz up; 2 · dB above −120, 0 … 255 */
  chunks: Uint8Array[]
}

export const coarseBins = stftBins(defaultStft.size)
export const chunkFrames = 2048
const [firstHop, mostFrames] = [4096, 65_536]
const { size } = defaultStft

/** Half decibels are told apart: −120 to 7.5 dB. */
export const decibelsOf = (byte: number): number => stftFloor + byte / 2

export interface CoarseBuilder {
  /** the next samples of the recording; channels are averaged, as the models hear them */
  push(channels: readonly Float32Array[]): void
  finish(): Coarse
}

export const createCoarse = (): CoarseBuilder => {
  const four = createStft(defaultStft)
  const toByte = createByteScale()
  const chunks: Uint8Array[] = []
  let hop = firstHop
  /** those that were begun; the last of them wait until there are four */
  let frames = 0
  let waiting = 0
  let pushed = 0
  /** the last samples that were pushed, as far as the next frame begins among them; silence before the recording */
  const tail = new Float32Array(size)

  const write = (): void => {
    four.run()
    for (let i = 0; i < waiting; i++) {
      const frame = frames - waiting + i
      // a chunk that `thin` emptied is filled again
      const chunk = (chunks[Math.floor(frame / chunkFrames)] ??= new Uint8Array(chunkFrames * coarseBins))
      toByte(four.powers[i]!, chunk, (frame % chunkFrames) * coarseBins)
    }
    waiting = 0
  }
  /** Mixes what frames see, and not the three quarters between them. */
  const push = (channels: readonly Float32Array[]): void => {
    const length = channels[0]?.length ?? 0
    const end = pushed + length
    for (let first = frames * hop - size / 2; first + size <= end; first = frames * hop - size / 2) {
      if (frames === mostFrames) {
        thin(chunks, frames)
        frames /= 2
        hop *= 2
      }
      const frame = four.frames[waiting]!
      const before = Math.max(0, pushed - first)
      frame.set(tail.subarray(size - before))
      mix(channels, Math.max(0, first - pushed), frame.subarray(before))
      frames++
      if (++waiting === 4) write()
    }
    pushed = end
    // of most blocks the next frame sees nothing
    if (frames * hop - size / 2 >= end) return
    const kept = Math.min(size, length)
    tail.copyWithin(0, kept)
    mix(channels, length - kept, tail.subarray(size - kept))
  }
  const finish = (): Coarse => {
    // zeros beyond the end, for the frames that are centred before it
    if (pushed > 0) push([new Float32Array(size / 2 - 1)])
    if (waiting > 0) write()
    const bytes = (chunk: number): number => Math.min(chunkFrames, frames - chunk * chunkFrames) * coarseBins
    const used = chunks.slice(0, Math.ceil(frames / chunkFrames))
    return { hop, frames, chunks: used.map((chunk, i) => chunk.subarray(0, bytes(i))) }
  }
  return { push, finish }
}

/** The mean of the channels from sample `first` on, as long as `out`. */
const mix = (channels: readonly Float32Array[], first: number, out: Float32Array): void => {
  const [left, right] = channels
  if (left && right && channels.length === 2) {
    for (let n = 0; n < out.length; n++) out[n] = (left[first + n]! + right[first + n]!) / 2
    return
  }
  out.fill(0)
  for (const samples of channels) for (let n = 0; n < out.length; n++) out[n]! += samples[first + n]! / channels.length
}

/** Keeps every second of the frames. */
const thin = (chunks: Uint8Array[], frames: number): void => {
  const frameOf = (frame: number): Uint8Array => {
    const at = (frame % chunkFrames) * coarseBins
    return chunks[Math.floor(frame / chunkFrames)]!.subarray(at, at + coarseBins)
  }
  for (let frame = 0; frame < frames / 2; frame++) frameOf(frame).set(frameOf(2 * frame))
}

/** Powers as bytes. The logarithm is that of the exponent and a table of 2,048 mantissas: 0.003 dB off at most, and ten times as fast. */
const createByteScale = () => {
  const perOctave = 20 * Math.log10(2)
  const mantissas = Float64Array.from({ length: 2048 }, (_, i) => perOctave * Math.log2(1 + (i + 0.5) / 2048))
  return (power: Float32Array, out: Uint8Array, at: number): void => {
    const bits = new Uint32Array(power.buffer, power.byteOffset, power.length)
    for (let bin = 0; bin < power.length; bin++) {
      const value = perOctave * ((bits[bin]! >>> 23) - 127) + mantissas[(bits[bin]! >>> 12) & 2047]! - 2 * stftFloor
      out[at + bin] = value <= 0 ? 0 : value >= 254.5 ? 255 : value + 0.5
    }
  }
}

/** Frames of a coarse spectrogram whose centres lie in the cells of frames [start, end) of another hop; the nearest one where none does. */
export const coarseFramesOf = (coarse: Pick<Coarse, 'hop' | 'frames'>, [start, end]: Range, hop: number): Range => {
  const at = (frame: number): number => Math.ceil(((frame - 0.5) * hop) / coarse.hop)
  const first = Math.min(coarse.frames - 1, Math.max(0, at(start)))
  return [first, Math.max(first + 1, Math.min(coarse.frames, at(end)))]
}

/** Columns of a spectrogram pooled by maximum from a coarse one; `chunk` gives chunks by number. */
export const poolCoarse = (
  coarse: Pick<Coarse, 'hop' | 'frames'>,
  chunk: (number: number) => Uint8Array,
  columns: Range[],
  hop: number,
  rows: FrequencyRows,
): Raster => {
  const data = new Float32Array(rows.bins.length * columns.length)
  const strongest = new Uint8Array(coarseBins)
  for (const [column, wanted] of columns.entries()) {
    strongest.fill(0)
    const [first, end] = coarseFramesOf(coarse, wanted, hop)
    for (let frame = first; frame < end; frame++) {
      const bytes = chunk(Math.floor(frame / chunkFrames))
      const at = (frame % chunkFrames) * coarseBins
      for (let bin = 0; bin < coarseBins; bin++)
        if (bytes[at + bin]! > strongest[bin]!) strongest[bin] = bytes[at + bin]!
    }
    for (const [row, [low, high]] of rows.bins.entries()) {
      let greatest = 0
      for (let bin = low; bin < high; bin++) if (strongest[bin]! > greatest) greatest = strongest[bin]!
      data[row * columns.length + column] = decibelsOf(greatest)
    }
  }
  const frames: Range = [columns[0]?.[0] ?? 0, columns.at(-1)?.[1] ?? 0]
  return {
    rows: rows.bins.length,
    columns: columns.length,
    data,
    source: { rows: rows.source, columns: frames },
    ...extremes(data),
  }
}
