import { hatch } from '../picture.ts'
import { paddingFrom, type MapAxis } from './axes.ts'

/** Hatches what is padding of a map that fills `width` × `height` pixels; its axes are of as many. */
export const drawPadding = (
  context: CanvasRenderingContext2D,
  { queries, keys }: { queries: MapAxis; keys: MapAxis },
  { width, height }: { width: number; height: number },
): void => {
  const [right, below] = [paddingFrom(keys), paddingFrom(queries)]
  if (right !== null) hatch(context, { left: right, top: 0, width: width - right, height })
  if (below !== null) hatch(context, { left: 0, top: below, width: right ?? width, height: height - below })
}
