import { edgeAt, secondsAt, stepAt, validEnd } from '../../../contract/grid.ts'
import type { DimensionCurve } from '../../../contract/hidden.ts'
import type { Range } from '../../../contract/tensor.ts'
import type { Draw } from '../../components/canvas.ts'
import { pixelAt, type Scale } from '../../timeline/geometry.ts'
import { colourRange, hatch } from '../picture.ts'

/** What the curve spans on steps that count, with a little air. */
export const valueRange = ({ values, valid }: DimensionCurve): Range => {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values.subarray(0, valid)) [low, high] = [Math.min(low, value), Math.max(high, value)]
  const [from, to] = low <= high ? colourRange(low, high, false) : [-1, 1]
  const air = 0.06 * (to - from)
  return [from - air, to + air]
}

interface Colours {
  curve: string
  axis: string
  mark: string
}

/** A dimension's values joined by lines, tokens side by side; its moments as wedges that point at them. Padding is hatched. */
export const drawCurve =
  (
    curve: DimensionCurve | null,
    range: Range | null,
    moments: readonly { kind: 'high' | 'low'; step: number }[],
    scale: Scale,
    colours: Colours,
  ): Draw =>
  (context, { width, height }) => {
    context.clearRect(0, 0, width, height)
    if (!curve || !range) return
    const { grid, values } = curve
    const x = (step: number): number =>
      grid ? pixelAt(scale, secondsAt(grid, step)) : ((step + 0.5) / values.length) * scale.pixels
    const y = (value: number): number => height * (1 - (value - range[0]) / (range[1] - range[0]))
    context.fillStyle = colours.axis
    context.fillRect(0, Math.round(y(0)), width, 1)

    // those beside the visible ones too, so that the line goes on to both edges
    const [first, last] = grid
      ? [stepAt(grid, scale.range[0]) - 1, stepAt(grid, scale.range[1]) + 1]
      : [0, values.length - 1]
    context.strokeStyle = colours.curve
    context.lineWidth = 1.25
    context.beginPath()
    for (let step = Math.max(0, first); step <= Math.min(values.length - 1, last); step++)
      context.lineTo(x(step), y(values[step]!))
    context.stroke()

    if (grid) {
      const [from, to] = [pixelAt(scale, validEnd(grid)), pixelAt(scale, edgeAt(grid, grid.count))]
      hatch(context, { left: Math.max(0, from), top: 0, width: Math.min(width, to) - Math.max(0, from), height })
    }
    context.fillStyle = colours.mark
    for (const { kind, step } of moments) {
      const [at, tip] = [x(step), y(values[step]!)]
      const back = kind === 'high' ? -7 : 7
      context.beginPath()
      context.moveTo(at, tip)
      context.lineTo(at - 4, tip + back)
      context.lineTo(at + 4, tip + back)
      context.fill()
    }
  }
