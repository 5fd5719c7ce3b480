/**
 * Triangular mel filter banks as Hugging Face builds them (`mel_filter_bank` of transformers/audio_utils.py, v5.18).
 * A filter is kept as its non-zero stretch of FFT bins.
 */
export interface MelBank {
  /** per band, lowest first: weights of the FFT bins `first`, `first + 1`, … */
  filters: { first: number; weights: Float64Array }[]
  /** where each triangle peaks, in Hz */
  centres: Float32Array
}

export interface MelOptions {
  bands: number
  /** FFT bins, size/2 + 1 */
  bins: number
  rate: number
  lowest: number
  highest: number
}

/** Slaney's scale and area norm, as librosa and Whisper have it: linear to 1 kHz, logarithmic above. */
export const slaneyBank = (options: MelOptions): MelBank => {
  const edges = melEdges(options, slaneyMel).map(slaneyHertz)
  const bank = triangles(edges, binHertz(options))
  bank.forEach(({ weights }, band) => {
    const norm = 2 / (edges[band + 2]! - edges[band]!)
    weights.forEach((weight, i) => (weights[i] = weight * norm))
  })
  return { filters: bank, centres: Float32Array.from(edges.slice(1, -1)) }
}

/** Kaldi's: triangles drawn on the mel axis itself, no norm (`mel_scale="kaldi", triangularize_in_mel_space=True`). */
export const kaldiBank = (options: MelOptions): MelBank => {
  const edges = melEdges(options, kaldiMel)
  const bank = triangles(edges, binHertz(options).map(kaldiMel))
  return { filters: bank, centres: Float32Array.from(edges.slice(1, -1).map(kaldiHertz)) }
}

/** Energy of every band of a power spectrum, into `out`. */
export const applyBank = (bank: MelBank, power: Float64Array, out: Float64Array): void => {
  bank.filters.forEach(({ first, weights }, band) => {
    let sum = 0
    for (let i = 0; i < weights.length; i++) sum += weights[i]! * power[first + i]!
    out[band] = sum
  })
}

/** `bands` + 2 points evenly spaced in mel: lower edge, peak and upper edge of band b are points b, b + 1, b + 2. */
const melEdges = ({ bands, lowest, highest }: MelOptions, mel: (hertz: number) => number): number[] => {
  const [from, to] = [mel(lowest), mel(highest)]
  return Array.from({ length: bands + 2 }, (_, i) => from + ((to - from) * i) / (bands + 1))
}

const binHertz = ({ bins, rate }: MelOptions): number[] =>
  Array.from({ length: bins }, (_, k) => (k * rate) / (2 * (bins - 1)))

const triangles = (edges: number[], bins: number[]): MelBank['filters'] =>
  Array.from({ length: edges.length - 2 }, (_, band) => {
    const [low, peak, high] = [edges[band]!, edges[band + 1]!, edges[band + 2]!]
    const weights = bins.map((at) => Math.max(0, Math.min((at - low) / (peak - low), (high - at) / (high - peak))))
    const first = weights.findIndex((weight) => weight > 0)
    const last = weights.findLastIndex((weight) => weight > 0)
    return { first: Math.max(0, first), weights: Float64Array.from(first < 0 ? [] : weights.slice(first, last + 1)) }
  })

/** Kaldi's scale, which is HTK's. */
export const kaldiMel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700)
export const kaldiHertz = (mel: number): number => 700 * (Math.exp(mel / 1127) - 1)

const slaneyStep = 27 / Math.log(6.4)
const slaneyMel = (hertz: number): number =>
  hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) * slaneyStep
const slaneyHertz = (mel: number): number => (mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp((mel - 15) / slaneyStep))
