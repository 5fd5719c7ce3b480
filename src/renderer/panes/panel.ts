import type { Raster } from '../../contract/tensor.ts'
import type { Axis, ColourScale, Heatmap, Panel } from '../../figures/figure.ts'

/** A pane's picture as a panel of the figures. */

interface Picture {
  title: string
  subtitle: string
  raster: Raster
  colour: ColourScale
  x: Axis
  y: Axis
  /** data coordinates of the raster's outer edges */
  edges: { x: [number, number]; y: [number, number] }
  square?: boolean
  over?: Over
}

/** A map over the picture: the scale bar and the values read are its. */
export type Over = Pick<Picture, 'raster' | 'colour' | 'edges'>

const layerOf = ({ raster, colour, edges }: Over): Heatmap => ({
  kind: 'heatmap',
  raster,
  x: edges.x,
  y: edges.y,
  colour,
})

const panelOf = ({ title, subtitle, x, y, square, over, ...picture }: Picture): Panel => ({
  title,
  subtitle,
  x,
  y,
  square: square ?? false,
  layers: [layerOf(picture), ...(over ? [layerOf(over)] : [])],
})

/** The raster's value at data coordinates; null outside. `y` edges run from row 0 to the last row. */
const valueAt = (raster: Raster, edges: Picture['edges'], at: { x: number; y: number }): number | null => {
  const c = Math.floor(((at.x - edges.x[0]) / (edges.x[1] - edges.x[0])) * raster.columns)
  const r = Math.floor(((at.y - edges.y[0]) / (edges.y[1] - edges.y[0])) * raster.rows)
  if (c < 0 || c >= raster.columns || r < 0 || r >= raster.rows) return null
  return raster.data[r * raster.columns + c] ?? null
}

export interface Enlarged {
  panel: Panel
  value: (at: { x: number; y: number }) => number | null
}

export const enlarge = (picture: Picture): Enlarged => ({
  panel: panelOf(picture),
  value: (at) => valueAt((picture.over ?? picture).raster, (picture.over ?? picture).edges, at),
})
