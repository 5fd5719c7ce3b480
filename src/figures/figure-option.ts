import { emptyOption, textElement, type ChartOption, type ImageOf } from './chart-option.ts'
import { colourBarWidth } from './colour-bar.ts'
import type { ColourScale, Figure, Panel, Theme } from './figure.ts'
import { addPanel, axisTicks, labelSize } from './panel-option.ts'
import type { Margins, Size } from './plot-area.ts'
import { boldness, plainText, textWidth, wrapText } from './text.ts'
import { fontFamily, looks } from './theme.ts'

/** A whole figure as one chart and the size it wants: title, panels in a grid, colour bars, notes below. */
export interface FigureDrawing {
  option: ChartOption
  size: Size
}

const border = 20
const headSize = 16
const noteSize = 10.5
const noteHeight = 15
const cellTop = 40
const cellBottom = 44
const plainRight = 18
const maxLabels = 180

export const figureOption = (
  figure: Figure,
  { image, theme = 'print' }: { image: ImageOf; theme?: Theme },
): FigureDrawing => {
  const look = looks[theme]
  const columns = columnsOf(figure)
  const width = Math.max(560, 2 * border + columns.reduce((sum, column) => sum + column.width, 0))
  const head = wrapText(plainText(figure.title), (width - 2 * border) / boldness, headSize)
  const option = emptyOption(look.background)
  const top = border + head.length * 22 + 6
  head.forEach((text, i) =>
    option.graphic.push(
      textElement(text, { x: border, y: border + 11 + 22 * i, size: headSize, colour: look.text, bold: true }),
    ),
  )
  const cellHeight = cellTop + figure.panelSize.height + cellBottom
  figure.panels.forEach((panel, i) => {
    if (!panel) return
    const column = columns[i % figure.columns]!
    const row = Math.floor(i / figure.columns)
    const area = { left: column.x + column.margins.left, top: top + row * cellHeight + cellTop, ...figure.panelSize }
    const bar = barAt(figure, i)
    addPanel(option, panel, { area, look, image, margins: column.margins, title: true, bar, family: fontFamily })
  })
  const below = top + Math.ceil(figure.panels.length / figure.columns) * cellHeight + 4
  const notes = figure.notes.flatMap((note) => wrapText(plainText(note), width - 2 * border, noteSize))
  notes.forEach((text, i) =>
    option.graphic.push(
      textElement(text, { x: border, y: below + noteHeight * (i + 0.5), size: noteSize, colour: look.quiet }),
    ),
  )
  return { option, size: { width, height: Math.ceil(below + noteHeight * notes.length + border) } }
}

interface Column {
  x: number
  width: number
  margins: Margins
}

/** Every column is as wide as its widest labels and, where one of its panels has a colour bar, that bar need. */
const columnsOf = (figure: Figure): Column[] => {
  const columns: Column[] = []
  let x = border
  for (let c = 0; c < figure.columns; c++) {
    const indices = figure.panels.map((_, i) => i).filter((i) => i % figure.columns === c)
    const labels = Math.max(0, ...indices.map((i) => labelWidth(figure.panels[i], figure.panelSize.height)))
    const right = indices.some((i) => barAt(figure, i)) ? colourBarWidth : plainRight
    const margins = { left: Math.ceil(Math.min(maxLabels, labels)) + 34, top: cellTop, right, bottom: cellBottom }
    const width = margins.left + figure.panelSize.width + right
    columns.push({ x, width, margins })
    x += width
  }
  return columns
}

const labelWidth = (panel: Panel | null | undefined, pixels: number): number =>
  panel ? Math.max(0, ...axisTicks(panel.y, pixels).map((tick) => textWidth(tick.label, labelSize))) : 0

const scaleOf = (panel: Panel | null | undefined): ColourScale | null => {
  const layer = panel?.layers.find((each) => each.kind === 'heatmap')
  return layer?.kind === 'heatmap' ? layer.colour : null
}

const sameScale = (a: ColourScale | null, b: ColourScale | null): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A run of panels in a row that share a scale has one bar, beside the last of them. */
const barAt = (figure: Figure, i: number): boolean => {
  const scale = scaleOf(figure.panels[i])
  if (!scale) return false
  const endsRow = (i + 1) % figure.columns === 0
  return endsRow || !sameScale(scale, scaleOf(figure.panels[i + 1]))
}
