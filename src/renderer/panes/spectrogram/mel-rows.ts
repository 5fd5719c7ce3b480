import type { Range } from '../../../contract/tensor.ts'

/** Mel bins on the height of a spectrogram, whatever its rows are. Heights are shares, from the bottom. */

/** Edges in Hz of bins of which the centres are given, halfway between two of them: within 2 Hz of halfway in mel for AST's 128 bins. */
export const edgesInHertz = (centres: Float32Array): Float64Array =>
  Float64Array.from({ length: centres.length + 1 }, (_, i) => {
    const [below, above] = i === 0 ? [0, 1] : i === centres.length ? [i - 2, i - 1] : [i - 1, i]
    const [low, high] = [centres[below] ?? 0, centres[above] ?? 0]
    if (i === 0) return low - (high - low) / 2
    return i === centres.length ? high + (high - low) / 2 : (low + high) / 2
  })

/** Heights of the edges of mel bins over a picture whose rows have the centre frequencies `rows`: bins are its own rows, or lie among others. */
export const edgeHeights = (bins: Float32Array, rows: Float32Array, areRows: boolean): Float64Array => {
  if (areRows) return Float64Array.from({ length: bins.length + 1 }, (_, i) => i / bins.length)
  const heightAt = (hertz: number): number => {
    const found = rows.findIndex((row) => row >= hertz)
    // beyond the ends as between the two rows there
    const above = Math.max(1, found < 0 ? rows.length - 1 : found)
    const low = rows[above - 1] ?? 0
    const step = (rows[above] ?? low + 1) - low
    return (above - 0.5 + (hertz - low) / step) / rows.length
  }
  return edgesInHertz(bins).map(heightAt)
}

/** The bin at a height; -1 where there is none. */
export const binAt = (edges: Float64Array, height: number): number => {
  const above = edges.findIndex((edge) => edge > height)
  return above <= 0 ? -1 : above - 1
}

/** Heights from the lower edge of bin `from` to that of bin `to`, within the picture and the bins there are. */
export const heightsOf = (edges: Float64Array, [from, to]: Range): Range => {
  const at = (bin: number): number => Math.min(1, Math.max(0, edges[Math.min(edges.length - 1, Math.max(0, bin))] ?? 0))
  return [at(from), at(to)]
}
