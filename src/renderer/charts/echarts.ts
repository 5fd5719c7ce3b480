import { CustomChart } from 'echarts/charts'
import { GraphicComponent, GridComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { Size } from '../../figures/plot-area.ts'

/** The one place of ECharts in the page: only the parts that panels use are in the bundle. */
use([CustomChart, GraphicComponent, GridComponent, CanvasRenderer])

/** A chart in `element`, drawn at the screen's own resolution; the caller disposes of it. */
export const openChart = (element: HTMLElement, size: Size): ECharts =>
  init(element, null, { renderer: 'canvas', devicePixelRatio: window.devicePixelRatio, ...size })

/**
 * Draws now, cells of maps sharp-edged: ECharts never says so to its canvases, and a canvas forgets it whenever it is resized.
 */
export const drawSharply = (chart: ECharts): void => {
  chart.getZr().flush()
  const smooth = canvasesOf(chart).filter((context) => context.imageSmoothingEnabled)
  if (smooth.length === 0) return
  for (const context of smooth) context.imageSmoothingEnabled = false
  chart.getZr().refreshImmediately()
}

const canvasesOf = (chart: ECharts): CanvasRenderingContext2D[] =>
  [...chart.getDom().querySelectorAll<HTMLCanvasElement>('canvas:not([data-ghost])')].flatMap(
    (canvas) => canvas.getContext('2d') ?? [],
  )

export type { ECharts }
