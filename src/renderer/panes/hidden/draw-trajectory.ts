import type { Draw } from '../../components/canvas.ts'
import type { Plane } from './plane.ts'

/** A way through the plane, its steps from `first` on in the plane's own counting. */
interface Way {
  first: number
  steps: number
  colourOf: (step: number) => string
}

/** The axes through 0, and of every way each step as a point in its colour, joined to the one before. */
export const drawTrajectory =
  ({ at, origin }: Plane, ways: readonly Way[]): Draw =>
  (context, { width, height }) => {
    context.clearRect(0, 0, width, height)
    context.fillStyle = '#80808060'
    context.fillRect(0, Math.round(origin.y), width, 1)
    context.fillRect(Math.round(origin.x), 0, 1, height)
    for (const way of ways) drawWay(context, at, way)
  }

const drawWay = (context: CanvasRenderingContext2D, at: Plane['at'], { first, steps, colourOf }: Way): void => {
  for (let step = 0; step < steps; step++) {
    const point = at(first + step)
    context.fillStyle = colourOf(step)
    if (step > 0) {
      const before = at(first + step - 1)
      context.strokeStyle = colourOf(step)
      context.globalAlpha = 0.5
      context.lineWidth = 1
      context.beginPath()
      context.moveTo(before.x, before.y)
      context.lineTo(point.x, point.y)
      context.stroke()
      context.globalAlpha = 1
    }
    context.beginPath()
    context.arc(point.x, point.y, 2.5, 0, 2 * Math.PI)
    context.fill()
    // in both themes some of the colours are as the ground is
    context.strokeStyle = '#808080'
    context.lineWidth = 0.5
    context.stroke()
  }
}
