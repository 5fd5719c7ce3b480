import { emptyOption, textElement, type ChartOption, type ImageOf } from './chart-option.ts'
import { colourBar } from './colour-bar.ts'
import type { Axis, Heatmap, Panel, Theme } from './figure.ts'
import { layerElement } from './layer-element.ts'
import { plotArea, type Margins, type PlotArea, type Size } from './plot-area.ts'
import { boldness, fitText, plainText } from './text.ts'
import { fontFamily, looks, type Look } from './theme.ts'
import { linearTicks, type Tick } from './ticks.ts'

export interface PanelOptions {
  theme: Theme
  image: ImageOf
  size: Size
  /** fixed pixels around the plot, so that panes above one another align */
  margins: Margins
  /** the panel's own title above the plot; a pane that has one in its header leaves it out */
  title?: boolean
  colourBar?: boolean
  family?: string
}

/** One panel as a whole chart. */
export const panelOption = (panel: Panel, options: PanelOptions): ChartOption => {
  const look = looks[options.theme]
  const option = emptyOption(options.title ? look.background : 'transparent', options.family)
  addPanel(option, panel, {
    area: plotArea(options.size, options.margins, panel.square),
    look,
    image: options.image,
    margins: options.margins,
    title: options.title ?? false,
    bar: options.colourBar ?? false,
    family: options.family ?? fontFamily,
  })
  return option
}

export interface PanelPlace {
  area: PlotArea
  look: Look
  image: ImageOf
  margins: Margins
  title: boolean
  bar: boolean
  family: string
}

export const labelSize = 10
const titleSize = 12
const axisTitleSize = 11

/** Adds a panel's grid, axes, layers, titles and colour bar to a chart. */
export const addPanel = (option: ChartOption, panel: Panel, place: PanelPlace): void => {
  const index = option.grid.length
  const { area, look, image } = place
  option.grid.push({
    ...area,
    show: true,
    backgroundColor: look.plot,
    borderWidth: 0,
    containLabel: false,
    outerBoundsMode: 'none',
  })
  option.xAxis.push(axisOption(panel.x, index, 'bottom', place))
  option.yAxis.push(axisOption(panel.y, index, 'left', place))
  for (const layer of panel.layers)
    option.series.push({
      type: 'custom',
      coordinateSystem: 'cartesian2d',
      xAxisIndex: index,
      yAxisIndex: index,
      clip: true,
      silent: true,
      data: [[panel.x.range[0], panel.y.range[0]]],
      renderItem: () => layerElement(layer, panel, area, look, image),
    })
  if (place.title) option.graphic.push(...panelTitle(panel, place))
  // of a map over another, the upper one's
  const heatmap = panel.layers.findLast((layer): layer is Heatmap => layer.kind === 'heatmap')
  if (place.bar && heatmap) option.graphic.push(...colourBar(heatmap.colour, area, look, place.family))
}

const panelTitle = (panel: Panel, { area, look, margins, family }: PanelPlace): object[] => {
  const left = area.left
  const width = area.width + Math.min(margins.right, 12)
  const lines = [{ text: panel.title, size: titleSize, colour: look.text, bold: true }]
  if (panel.subtitle) lines.push({ text: panel.subtitle, size: labelSize, colour: look.quiet, bold: false })
  return lines.map((line, i) => {
    const y = area.top - 10 - 15 * (lines.length - 1 - i)
    return textElement(fitText(plainText(line.text), width / (line.bold ? boldness : 1), line.size), {
      ...line,
      x: left,
      y,
      family,
    })
  })
}

/** Ticks of an axis: those given, or round numbers 34 pixels or more apart. */
export const axisTicks = (axis: Axis, pixels: number): Tick[] =>
  axis.ticks?.map((tick) => ({ at: tick.at, label: plainText(tick.label) })) ??
  linearTicks(axis.range, Math.max(2, Math.floor(pixels / 34)))

const axisOption = (axis: Axis, gridIndex: number, position: 'bottom' | 'left', place: PanelPlace): object => {
  const { area, look, margins } = place
  const ticks = axisTicks(axis, position === 'bottom' ? area.width : area.height)
  const customValues = ticks.map((tick) => tick.at)
  const labelRoom = margins.left - 24
  return {
    type: 'value',
    gridIndex,
    position,
    min: axis.range[0],
    max: axis.range[1],
    inverse: axis.inverse ?? false,
    silent: true,
    name: fitText(plainText(axis.title), position === 'bottom' ? area.width + 40 : area.height + 24, axisTitleSize),
    nameLocation: 'middle',
    nameGap: position === 'bottom' ? 22 : margins.left - 14,
    nameMoveOverlap: false,
    nameTextStyle: { color: look.quiet, fontSize: axisTitleSize, fontFamily: place.family },
    axisLine: { show: true, onZero: false, lineStyle: { color: look.line } },
    axisTick: { show: true, length: 4, customValues, lineStyle: { color: look.line } },
    axisLabel: {
      customValues,
      color: look.quiet,
      fontSize: labelSize,
      fontFamily: place.family,
      margin: 7,
      hideOverlap: true,
      formatter: (value: number) =>
        fitText(labelNear(ticks, value), position === 'left' ? labelRoom : Infinity, labelSize),
    },
    splitLine: { show: false },
  }
}

/** ECharts hands tick values back after rounding them. */
const labelNear = (ticks: Tick[], value: number): string =>
  ticks.reduce<Tick | undefined>(
    (best, tick) => (best && Math.abs(best.at - value) <= Math.abs(tick.at - value) ? best : tick),
    undefined,
  )?.label ?? ''
