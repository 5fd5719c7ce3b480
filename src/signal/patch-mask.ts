import type { Tiling } from '../contract/grid.ts'
import { between, gainAt } from './gain.ts'
import type { MaskFrame } from './masked-stft.ts'

/** Gains [band, column] of patches, lowest band first. */
export interface PatchGains {
  gains: Float32Array
  bands: number
  columns: number
}

/**
 * Where a frequency lies among the bands of patches, fractional: 0 is the middle of the lowest patch. Filters are counted along their centres in
 * Hz, lowest first, so the axis is the filter bank's own (mel). NaN where no patch sees it.
 */
export const bandPlaceOf = (
  centres: Float32Array,
  { first, size, step }: Tiling,
  bands: number,
): ((hertz: number) => number) => {
  const last = Math.min(centres.length - 1, first + (bands - 1) * step + size - 1)
  return (hertz) => {
    if (hertz < centres[Math.max(0, first)]! || hertz > centres[last]!) return NaN
    const above = Math.max(
      1,
      centres.findIndex((centre) => centre >= hertz),
    )
    const [from, to] = [centres[above - 1]!, centres[above]!]
    const filter = above - 1 + (hertz - from) / (to - from)
    return (filter - first - (size - 1) / 2) / step
  }
}

/** The same of every FFT bin. */
export const bandPlaces = (
  centres: Float32Array,
  layout: Tiling,
  bands: number,
  { bins, rate }: { bins: number; rate: number },
): Float64Array => {
  const placeOf = bandPlaceOf(centres, layout, bands)
  return Float64Array.from({ length: bins }, (_, bin) => placeOf((bin * rate) / (2 * (bins - 1))))
}

/**
 * The gain of every bin at a moment: faded between the middles of patches along both axes, held beyond the outermost, and `unseen`
 * where no patch looks. `columnAt` says in which column, fractional, a sample lies.
 */
export const patchMask = (
  { gains, bands, columns }: PatchGains,
  places: Float64Array,
  columnAt: (sample: number) => number,
  unseen: number,
): MaskFrame => {
  const column = new Float32Array(bands)
  return (centre, into) => {
    const { step, next, share } = between(columnAt(centre), columns)
    for (let band = 0; band < bands; band++) {
      const [here, after] = [gains[band * columns + step]!, gains[band * columns + next]!]
      column[band] = here + (after - here) * share
    }
    for (let bin = 0; bin < into.length; bin++)
      into[bin] = Number.isNaN(places[bin]!) ? unseen : gainAt(column, places[bin]!)
  }
}

/** The mean over the bands of every column: what of a mask can be drawn on a line in time. */
export const meanOverBands = ({ gains, bands, columns }: PatchGains): Float32Array => {
  const mean = new Float32Array(columns)
  for (let i = 0; i < gains.length; i++) mean[i % columns]! += gains[i]! / bands
  return mean
}
