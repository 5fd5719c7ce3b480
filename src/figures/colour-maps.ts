import { interpolateMagma, interpolateRdBu, interpolateViridis } from 'd3-scale-chromatic'
import type { ColourMapId } from './figure.ts'

/**
 * 256 colours per map, four bytes each (RGBA; all but `overlay` opaque). `rdbu` runs from blue (low) over white (the middle) to red
 * (high), `grey` from near black to a grey on which colours still stand out.
 */
const tables = new Map<ColourMapId, Uint8ClampedArray>()

const interpolators: Record<ColourMapId, (share: number) => string> = {
  magma: interpolateMagma,
  viridis: interpolateViridis,
  rdbu: (share) => interpolateRdBu(1 - share),
  grey: (share) => `rgb(${[0, 1, 2].map(() => Math.round(8 + 212 * share)).join(', ')})`,
  overlay: interpolateViridis,
}

const opacity = (id: ColourMapId, share: number): number => (id === 'overlay' ? 0.1 + 0.65 * share : 1)

/** "#rrggbb" or "rgb(r, g, b)", the two spellings the interpolators answer with. */
const channels = (colour: string): number[] =>
  colour.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    : (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number)

export const colourTable = (id: ColourMapId): Uint8ClampedArray => {
  const known = tables.get(id)
  if (known) return known
  const table = new Uint8ClampedArray(256 * 4)
  for (let i = 0; i < 256; i++)
    table.set([...channels(interpolators[id](i / 255)), Math.round(255 * opacity(id, i / 255))], 4 * i)
  tables.set(id, table)
  return table
}

/** "#rrggbb" at `share` (0 … 1) of a map. */
export const colourAt = (id: ColourMapId, share: number): string => {
  const at = 4 * Math.round(255 * Math.min(1, Math.max(0, share)))
  const hex = [...colourTable(id).subarray(at, at + 3)].map((channel) => channel.toString(16).padStart(2, '0'))
  return `#${hex.join('')}`
}
