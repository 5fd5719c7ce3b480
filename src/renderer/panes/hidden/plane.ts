/** A point of every step in pixels, both directions at one scale so that distances are what they are, 0 of both somewhere in the box. */
export interface Plane {
  at(step: number): { x: number; y: number }
  /** of the point [0, 0] */
  origin: { x: number; y: number }
  /** of the first `steps` (all) the one whose point is nearest; null where none is within `reach` pixels */
  nearest(x: number, y: number, reach: number, steps?: number): number | null
}

const margin = 10

export const planeOf = (
  [first, second]: readonly [Float32Array, Float32Array],
  width: number,
  height: number,
): Plane => {
  const ends = (values: Float32Array): { low: number; high: number } => ({
    low: values.reduce((a, b) => Math.min(a, b), 0),
    high: values.reduce((a, b) => Math.max(a, b), 0),
  })
  const [across, up] = [ends(first), ends(second)]
  const scale = Math.min(
    (width - 2 * margin) / (across.high - across.low || 1),
    (height - 2 * margin) / (up.high - up.low || 1),
  )
  const place = (x: number, y: number): { x: number; y: number } => ({
    x: width / 2 + (x - (across.low + across.high) / 2) * scale,
    y: height / 2 - (y - (up.low + up.high) / 2) * scale,
  })
  const at = (step: number): { x: number; y: number } => place(first[step]!, second[step]!)
  const nearest = (x: number, y: number, reach: number, steps = first.length): number | null => {
    let found: number | null = null
    let least = reach
    for (let step = 0; step < steps; step++) {
      const point = at(step)
      const distance = Math.hypot(point.x - x, point.y - y)
      if (distance <= least) [found, least] = [step, distance]
    }
    return found
  }
  return { at, origin: place(0, 0), nearest }
}
