import type { Raster } from '../contract/tensor.ts'
import type { ColourScale } from './figure.ts'
import { fontFamily } from './theme.ts'

/** As much of ECharts' option as figures use: plain values, so that nothing here needs the library or a document. */
export interface ChartOption {
  [key: string]: unknown
  animation: false
  backgroundColor: string
  textStyle: { fontFamily: string }
  grid: object[]
  xAxis: object[]
  yAxis: object[]
  series: object[]
  graphic: object[]
}

/**
 * Makes a picture of a raster for the renderer at hand: a data URI or a canvas. The first painted row is the top one;
 * `flipped` asks for the raster's last row there.
 */
export type ImageOf = (raster: Raster, colour: ColourScale, flipped: boolean) => unknown

export const emptyOption = (background: string, family = fontFamily): ChartOption => ({
  animation: false,
  backgroundColor: background,
  textStyle: { fontFamily: family },
  grid: [],
  xAxis: [],
  yAxis: [],
  series: [],
  graphic: [],
})

export interface TextStyle {
  x: number
  y: number
  size: number
  colour: string
  bold?: boolean
  align?: 'left' | 'center' | 'right'
  baseline?: 'top' | 'middle' | 'bottom'
  /** radians, anticlockwise */
  rotation?: number
  family?: string
}

/** One line of text as a graphic element. */
export const textElement = (text: string, at: TextStyle): object => ({
  type: 'text',
  silent: true,
  x: at.x,
  y: at.y,
  rotation: at.rotation ?? 0,
  style: {
    text,
    fill: at.colour,
    fontSize: at.size,
    fontFamily: at.family ?? fontFamily,
    fontWeight: at.bold ? 'bold' : 'normal',
    align: at.align ?? 'left',
    verticalAlign: at.baseline ?? 'middle',
  },
})
