import type { Range } from '../../../contract/tensor.ts'
import { colourTable } from '../../../figures/colour-maps.ts'
import type { ColourMapId, ColourScale } from '../../../figures/figure.ts'
import { metricText, type Kind, type Metric } from './atlas.ts'

/** In the unit that is shown; a range without a length begins at its value. `difference`: "A − B", whose range is around 0. */
export const atlasColour = (
  [low, high]: Range,
  metric: Metric,
  kind: Kind,
  difference: string | null = null,
): ColourScale => {
  const { unit, scale } = metricText(metric, kind)
  const [from, to] = high > low ? [low * scale, high * scale] : [low * scale, low * scale + 1]
  const ends = { low: from, high: to, scale: 'linear' as const }
  if (difference === null) return { map: 'viridis', ...ends, unit }
  return { map: 'rdbu', ...ends, unit: unit.includes('…') ? difference : `${unit}, ${difference}` }
}

/** A cell's colour, and black or white, whichever is read on it. */
export const cellColours = (share: number, map: ColourMapId): { background: string; color: string } => {
  const at = 4 * Math.round(255 * Math.min(1, Math.max(0, share)))
  const [red = 0, green = 0, blue = 0] = colourTable(map).subarray(at, at + 3)
  // relative luminance above 0.18 is nearer to white than to black (WCAG)
  const linear = (channel: number): number => (channel / 255) ** 2.2
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  return { background: `rgb(${red}, ${green}, ${blue})`, color: luminance > 0.18 ? '#000000' : '#ffffff' }
}
