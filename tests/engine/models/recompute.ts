import type { TypedTensor } from 'onnxruntime-node'
import type { Site } from '../../../src/engine/models/model.ts'

/** softmax(scale · query × key) in plain loops: what a site's operands say its weights are. */
export const softmaxOfScores = (
  query: TypedTensor<'float32'>,
  key: TypedTensor<'float32'>,
  { heads, scale }: Pick<Site, 'heads' | 'scale'>,
): Float32Array => {
  const [queries = 0, width = 0] = query.dims.slice(-2)
  const keys = key.dims.at(-1) ?? 0
  const weights = new Float32Array(heads * queries * keys)
  for (let row = 0; row < heads * queries; row++) {
    const head = Math.floor(row / queries)
    const scores = Float64Array.from({ length: keys }, (_, k) => {
      let sum = 0
      for (let w = 0; w < width; w++) sum += query.data[row * width + w]! * key.data[(head * width + w) * keys + k]!
      return scale * sum
    })
    const top = scores.reduce((a, b) => Math.max(a, b), -Infinity)
    const exponentials = scores.map((score) => Math.exp(score - top))
    const total = exponentials.reduce((a, b) => a + b, 0)
    weights.set(
      exponentials.map((e) => e / total),
      row * keys,
    )
  }
  return weights
}
