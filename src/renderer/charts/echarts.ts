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

export type { ECharts }
