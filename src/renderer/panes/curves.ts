import { secondsAt, type TimeGrid } from '../../contract/grid.ts'
import type { AttentionLine } from '../../contract/engine.ts'
import { reading } from '../format.ts'
import { pixelAt, type Scale } from '../timeline/geometry.ts'
import type { Column } from './column.ts'
import { contrastText, lineHeights, type Contrast } from './weight-contrast.ts'

/** The row and the column of an attention map that are looked at, as curves on the time axis. */

export interface AttentionCurve {
  what: 'row' | 'column'
  grid: TimeGrid
  /** 0 … 1 */
  heights: Float32Array
  /** the greatest weight */
  most: number
}

/** Seen on dark and light, told apart by their dashes as well. */
export const curveStyles = {
  row: { colour: '#7ff0c4', dashes: [] as number[] },
  column: { colour: '#e3c4ff', dashes: [5, 3] },
}

const curveOf = (what: AttentionCurve['what'], line: AttentionLine | null, contrast: Contrast): AttentionCurve[] =>
  line?.grid
    ? [
        {
          what,
          grid: line.grid,
          heights: lineHeights(line, contrast),
          most: line.values.reduce((a, b) => Math.max(a, b), 0),
        },
      ]
    : []

/** The column last: it is drawn over the row. */
export const curvesOf = ({ line, columnLine }: Column, contrast: Contrast): AttentionCurve[] => [
  ...curveOf('row', line.value.value, contrast),
  ...curveOf('column', columnLine.value.value, contrast),
]

export const curveText = {
  row: 'where the moment looks',
  column: 'what looks at the moment',
}

/** "≤ 0.083", the weight at the top; nothing where that is none. */
export const curveTop = ({ what, most }: AttentionCurve, contrast: Contrast): string =>
  contrast === 'percentile' || (contrast === 'row' && what === 'column') ? '' : ` ≤ ${reading(most)}`

/** "0 … 0.083", in the contrast's own scale. */
export const curveScale = ({ what, most }: AttentionCurve, contrast: Contrast): string => {
  if (contrast === 'percentile') return '0 … 100, percentile'
  if (contrast === 'row' && what === 'column') return `0 … 1, ${contrastText.row.unit}`
  return contrast === 'log' ? `${reading(most / 1000)} … ${reading(most)}, logarithmic` : `0 … ${reading(most)}`
}

export const drawCurve = (
  context: CanvasRenderingContext2D,
  scale: Scale,
  { what, grid, heights }: AttentionCurve,
  { width, height }: { width: number; height: number },
): void => {
  const { colour, dashes } = curveStyles[what]
  const path = new Path2D()
  // the nearest points outside are drawn to as well
  const beyond = Math.max(50, pixelAt(scale, secondsAt(grid, 1)) - pixelAt(scale, secondsAt(grid, 0)))
  for (let i = 0; i < heights.length; i++) {
    const x = pixelAt(scale, secondsAt(grid, i))
    if (x >= -beyond && x <= width + beyond) path.lineTo(x, height - 2 - heights[i]! * (height - 10))
  }
  context.save()
  context.lineJoin = 'round'
  context.lineWidth = 4
  context.strokeStyle = '#000000a0'
  context.stroke(path)
  context.lineWidth = 1.5
  context.strokeStyle = colour
  context.setLineDash(dashes)
  context.stroke(path)
  context.restore()
}
