import type { Tiling } from '../contract/grid.ts'

/** Patches laid back where they were cut from: they may overlap, and leave bins and frames that none of them sees. */

export interface PatchLayout {
  bands: number
  columns: number
  /** columns from here on are left out */
  shown: number
  bins: Tiling
  frames: Tiling
}

/**
 * Values of patches [band, column] → [bin, frame]: the mean of the patches that cover a bin in a frame (docs/patches.md); NaN where none
 * does.
 */
export const layPatches = (
  values: Float32Array,
  layout: PatchLayout,
  size: { bins: number; frames: number },
): Float32Array => {
  const { bands, columns, bins, frames } = layout
  const [across, counts] = [new Float64Array(bands * size.frames), new Uint16Array(size.frames)]
  for (let column = 0; column < Math.min(columns, layout.shown); column++)
    eachCell(frames, column, size.frames, (frame) => {
      counts[frame]!++
      for (let band = 0; band < bands; band++) across[band * size.frames + frame]! += values[band * columns + column]!
    })
  const out = new Float32Array(size.bins * size.frames)
  for (let bin = 0; bin < size.bins; bin++) {
    const over = bandsOver(bins, bands, bin)
    for (let frame = 0; frame < size.frames; frame++) {
      const sum = over.reduce((total, band) => total + across[band * size.frames + frame]!, 0)
      // nothing divided by nothing is NaN, as it should be
      out[bin * size.frames + frame] = sum / (over.length * counts[frame]!)
    }
  }
  return out
}

const eachCell = ({ first, step, size }: Tiling, i: number, count: number, each: (cell: number) => void): void => {
  const start = first + step * i
  for (let cell = Math.max(0, start); cell < Math.min(count, start + size); cell++) each(cell)
}

const bandsOver = ({ first, step, size }: Tiling, bands: number, bin: number): number[] =>
  Array.from({ length: bands }, (_, band) => band).filter((band) => {
    const start = first + step * band
    return bin >= start && bin < start + size
  })

/** The patch whose middle is nearest to a cell's: the one that shows most of it where several cover it. */
export const patchAt = ({ first, step, size }: Tiling, count: number, cell: number): number =>
  Math.min(count - 1, Math.max(0, Math.round((cell - first - (size - 1) / 2) / step)))
