import { pixelAt, type Scale } from '../../timeline/geometry.ts'

/** magma is dark in both themes */
const mint = '#7ff0c4'

/** The weights of one row, the greatest as tall as the pane allows: only their shape is read here, their size in the status line. */
export const drawLine = (
  context: CanvasRenderingContext2D,
  scale: Scale,
  values: Float32Array,
  secondsOf: (i: number) => number,
  { width, height }: { width: number; height: number },
): void => {
  const most = values.reduce((a, b) => Math.max(a, b), 1e-12)
  const path = new Path2D()
  // the nearest points outside are drawn to as well
  const beyond = Math.max(50, pixelAt(scale, secondsOf(1)) - pixelAt(scale, secondsOf(0)))
  for (let i = 0; i < values.length; i++) {
    const x = pixelAt(scale, secondsOf(i))
    if (x >= -beyond && x <= width + beyond) path.lineTo(x, height - 2 - (values[i]! / most) * (height - 10))
  }
  context.lineJoin = 'round'
  context.lineWidth = 4
  context.strokeStyle = '#000000a0'
  context.stroke(path)
  context.lineWidth = 1.5
  context.strokeStyle = mint
  context.stroke(path)
}
