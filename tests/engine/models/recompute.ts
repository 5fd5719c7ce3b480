import type { TypedTensor } from 'onnxruntime-node'
import type { Site } from '../../../src/engine/models/model.ts'

/** The first `rows` query rows of every head of [.., head, query, key] weights, as one list. */
export const firstRows = ({ data, dims }: TypedTensor<'float32'>, heads: number, rows: number): Float32Array => {
  const [queries = 0, keys = 0] = dims.slice(-2)
  const head = (h: number) => data.slice(h * queries * keys, (h * queries + Math.min(rows, queries)) * keys)
  return Float32Array.from(Array.from({ length: heads }, (_, h) => Array.from(head(h))).flat())
}

/** softmax(scale · query × key) in plain loops, for the first `rows` queries: what a site's operands say its weights are. */
export const softmaxOfScores = (
  query: Pick<TypedTensor<'float32'>, 'data' | 'dims'>,
  key: Pick<TypedTensor<'float32'>, 'data' | 'dims'>,
  { heads, scale }: Pick<Site, 'heads' | 'scale'>,
  rows = Infinity,
): Float32Array => {
  const [queries = 0, width = 0] = query.dims.slice(-2)
  const keys = key.dims.at(-1) ?? 0
  const used = Math.min(rows, queries)
  const weights = new Float32Array(heads * used * keys)
  for (let head = 0; head < heads; head++)
    for (let row = 0; row < used; row++) {
      const scores = Float64Array.from({ length: keys }, (_, k) => {
        let sum = 0
        for (let w = 0; w < width; w++)
          sum += query.data[(head * queries + row) * width + w]! * key.data[(head * width + w) * keys + k]!
        return scale * sum
      })
      const top = scores.reduce((a, b) => Math.max(a, b), -Infinity)
      const exponentials = scores.map((score) => Math.exp(score - top))
      const total = exponentials.reduce((a, b) => a + b, 0)
      weights.set(
        exponentials.map((e) => e / total),
        (head * used + row) * keys,
      )
    }
  return weights
}

/** `softmaxOfScores` of what a session gives. */
export const softmaxOf = (
  query: { shape: number[]; data: Float32Array },
  key: { shape: number[]; data: Float32Array },
  site: Pick<Site, 'heads' | 'scale'>,
): Float32Array => softmaxOfScores({ data: query.data, dims: query.shape }, { data: key.data, dims: key.shape }, site)

/** The sum of every row of `keys` weights. */
export const rowSums = (weights: Float32Array, keys: number): number[] =>
  Array.from({ length: weights.length / keys }, (_, row) =>
    weights.subarray(row * keys, (row + 1) * keys).reduce((sum, weight) => sum + weight, 0),
  )
