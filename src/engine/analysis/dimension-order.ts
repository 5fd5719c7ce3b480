import { eachGramBlock, type RowProducts } from './gram.ts'
import { leafOrder } from './leaf-order.ts'

/** Dimensions of states [step, width] in an order that shows what index order hides. Everything describes these steps only. */

/** By their variance over the steps, the greatest first; equal ones by index. */
export const orderByVariance = (states: Float32Array, width: number): Int32Array => {
  const { variances } = moments(states, width)
  return Int32Array.from(variances.keys()).sort((a, b) => variances[b]! - variances[a]! || a - b)
}

/**
 * So that dimensions that rise and fall together lie beside each other: leaves of the average linkage of 1 − r, r Pearson's
 * correlation over the steps. One that never changes correlates with none (r = 0).
 */
export const orderBySimilarity = async (
  states: Float32Array,
  width: number,
  products: RowProducts,
  pace: () => Promise<void>,
): Promise<Int32Array> => {
  const steps = states.length / width
  const curves = standardised(states, width)
  const distances = new Float64Array(width * width)
  const place = ([block]: Float32Array[], first: number): void => {
    const right = width - first
    for (let i = 0; i < block!.length; i++) {
      const [row, column] = [first + Math.floor(i / right), first + (i % right)]
      distances[row * width + column] = distances[column * width + row] = Math.max(0, 1 - block![i]!)
    }
  }
  await eachGramBlock([{ values: curves, width: steps }], products, place, pace)
  return Int32Array.from(await leafOrder(distances, width, pace))
}

/** of every dimension over the steps, summed in float64 */
const moments = (states: Float32Array, width: number): { means: Float64Array; variances: Float64Array } => {
  const steps = states.length / width
  const [means, variances] = [new Float64Array(width), new Float64Array(width)]
  for (let i = 0; i < states.length; i++) means[i % width]! += states[i]! / steps
  for (let i = 0; i < states.length; i++) variances[i % width]! += (states[i]! - means[i % width]!) ** 2 / steps
  return { means, variances }
}

/** what varies by less than float32 can say of the value itself does not vary */
const leastVariation = 1e-6

/** [step, width] → [dimension, step]: every dimension's curve with mean 0 and length 1, so that scalar products are correlations. */
const standardised = (states: Float32Array, width: number): Float32Array => {
  const steps = states.length / width
  const { means, variances } = moments(states, width)
  const curves = new Float32Array(states.length)
  for (let d = 0; d < width; d++) {
    const deviation = Math.sqrt(variances[d]!)
    if (deviation <= leastVariation * Math.abs(means[d]!)) continue
    const scale = 1 / (deviation * Math.sqrt(steps))
    for (let step = 0; step < steps; step++) curves[d * steps + step] = (states[step * width + d]! - means[d]!) * scale
  }
  return curves
}
