import type { Raster } from '../contract/tensor.ts'

/** Pictures as plain values: results in, ECharts option out (design §5: one function draws a figure, wherever it is drawn). */

/** `grey` and `overlay` (viridis, the clearer the less) are a map and what is laid over it */
export type ColourMapId = 'magma' | 'viridis' | 'rdbu' | 'grey' | 'overlay'
export interface ColourScale {
  map: ColourMapId
  low: number
  high: number
  /** `log` needs low > 0 */
  scale: 'linear' | 'log'
  unit: string
}

export interface Axis {
  title: string
  /** data coordinates at the plot's two ends */
  range: [number, number]
  /** labels for categories (tokens); positions are data coordinates */
  ticks?: { at: number; label: string }[]
  inverse?: boolean
}

/** Where the raster's outer edges lie in data coordinates: cells are drawn edge to edge, not centre to centre. */
export interface Heatmap {
  kind: 'heatmap'
  raster: Raster
  x: [number, number]
  y: [number, number]
  colour: ColourScale
}
export interface Curve {
  kind: 'curve'
  /** data coordinates */
  x: Float64Array | Float32Array
  y: Float64Array | Float32Array
  /** filled down to zero */
  area: boolean
  colour: string
  name: string
}
/** min/max columns of a waveform */
export interface Envelope {
  kind: 'envelope'
  x: [number, number]
  min: Float32Array
  max: Float32Array
  colour: string
}
/** hatched stretch: padding, marked in every picture */
export interface Shade {
  kind: 'shade'
  x: [number, number]
  label: string
}
export type Layer = Heatmap | Curve | Envelope | Shade

export interface Panel {
  title: string
  subtitle?: string
  x: Axis
  y: Axis
  /** square in data: both axes the same length on paper */
  square?: boolean
  layers: Layer[]
}

/** A figure for a report: panels in a grid of `columns`, one title, notes below (region, provider, untrained …). */
export interface Figure {
  name: string
  title: string
  columns: number
  /** in rows; null leaves a place empty */
  panels: (Panel | null)[]
  notes: string[]
  /** pixels of one panel's plot */
  panelSize: { width: number; height: number }
}

export type Theme = 'dark' | 'light' | 'print'
