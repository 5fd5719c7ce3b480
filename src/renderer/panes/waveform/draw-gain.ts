import type { Range } from '../../../contract/tensor.ts'
import type { Hearing } from '../../../contract/engine.ts'
import { gainAt } from '../../../signal/gain.ts'
import { pixelAt, secondsAtPixel, type Scale } from '../../timeline/geometry.ts'

/** How loud every moment of the region is made: 0 at the bottom, 1 at the top. */
export const drawGain = (
  context: CanvasRenderingContext2D,
  scale: Scale,
  { gain, grid }: Pick<Hearing, 'gain' | 'grid'>,
  region: Range,
  { height, colour }: { height: number; colour: string },
): void => {
  const path = new Path2D()
  const [from, to] = region.map((seconds) => pixelAt(scale, seconds)) as Range
  for (let x = Math.max(0, from); x <= Math.min(scale.pixels, to); x += 0.5) {
    const value = gainAt(gain, (secondsAtPixel(scale, x) - grid.start) / grid.step)
    path.lineTo(x, height - 1 - value * (height - 2))
  }
  context.lineJoin = 'round'
  context.lineWidth = 4
  context.strokeStyle = '#000000a0'
  context.stroke(path)
  context.lineWidth = 1.5
  context.strokeStyle = colour
  context.stroke(path)
}
