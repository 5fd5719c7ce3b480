import type { FrequencyScale, Stft } from '../contract/spectrogram.ts'
import type { Range } from '../contract/tensor.ts'
import { kaldiHertz, kaldiMel } from './mel.ts'
import { stftBins, stftBinsWithin, stftHertz, type FrequencyRows } from './stft.ts'

/** Below this there are no rows in octaves, which would never end. */
const lowestHertz = 20

const along: Record<
  Exclude<FrequencyScale, 'linear'>,
  { to: (hertz: number) => number; from: (at: number) => number }
> = {
  log: { to: Math.log, from: Math.exp },
  // O'Shaughnessy's, as HTK and Kaldi have it
  mel: { to: kaldiMel, from: kaldiHertz },
}

/**
 * Rows of a picture of `height` pixels: linear, at most as many as there are bins. In octaves or mel as many as pixels; a row has the bins that
 * are centred in it, or where it is narrower than a bin the nearest one.
 */
export const frequencyRows = (
  { size, scale }: Pick<Stft, 'size' | 'scale'>,
  rate: number,
  height: number,
  within?: readonly [number, number],
): FrequencyRows => {
  const source: Range = within ? stftBinsWithin(rate, size, within) : [0, stftBins(size)]
  if (scale === 'linear') {
    const rows = Math.min(height, source[1] - source[0])
    const edge = (row: number): number => Math.floor(source[0] + (row * (source[1] - source[0])) / rows)
    const bins = Array.from({ length: rows }, (_, row): Range => [edge(row), edge(row + 1)])
    return { bins, source, hertz: stftHertz(rate, size).slice(...source) }
  }
  const { to, from } = along[scale]
  const step = rate / size
  const [low, high] = [within?.[0] ?? 0, Math.min(within?.[1] ?? Infinity, rate / 2)]
  const lowest = scale === 'log' ? Math.max(low, lowestHertz, step) : low
  const highest = Math.max(high, lowest + step)
  const [start, end] = [to(lowest), to(highest)]
  const hertzAt = (row: number): number => from(start + ((end - start) * row) / height)
  const bins = Array.from({ length: height }, (_, row): Range => {
    const first = Math.ceil(hertzAt(row) / step - 1e-9)
    const last = Math.ceil(hertzAt(row + 1) / step - 1e-9)
    const nearest = Math.min(size / 2, Math.max(0, Math.round(hertzAt(row + 0.5) / step)))
    return last > first && last <= size / 2 + 1 ? [first, last] : [nearest, nearest + 1]
  })
  const hertz = Float32Array.from({ length: height }, (_, row) => hertzAt(row + 0.5))
  return { bins, source: [0, height], hertz }
}
