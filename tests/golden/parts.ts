import type { LoadedTensor, Numbers } from './load.ts'

/** Which numbers of an array a golden keeps (see tools/make-goldens.py). */
export const partOf = (array: LoadedTensor, part: string): Numbers => {
  const data = array.data instanceof BigInt64Array ? Array.from(array.data, Number) : array.data
  const [kind, step] = part.split('.')
  if (kind === 'every') return takeEvery(data, Number(step))
  if (kind === 'mean') return meanOverQueries(array)
  if (kind === 'max') return maxOverKeys(array)
  if (kind === 'entropy') return meanEntropy(array)
  if (kind === 'corner') return window(array, 32)
  throw new Error(`unknown part: ${part}`)
}

const takeEvery = (data: ArrayLike<number>, step: number): number[] =>
  Array.from({ length: Math.ceil(data.length / step) }, (_, i) => data[i * step]!)

/** Rows of attention [head, query, key], one after another. */
const eachRow = ({ data, shape }: LoadedTensor, value: (row: Float32Array) => number): number[] => {
  const keys = shape[2]!
  const rows = (shape[0] ?? 0) * (shape[1] ?? 0)
  return Array.from({ length: rows }, (_, i) => value((data as Float32Array).subarray(i * keys, (i + 1) * keys)))
}

/** [head, key] */
export const meanOverQueries = ({ data, shape }: LoadedTensor): Float64Array => {
  const [heads, queries, keys] = shape as [number, number, number]
  const out = new Float64Array(heads * keys)
  const weights = data as Float32Array
  for (let row = 0; row < heads * queries; row++)
    for (let key = 0; key < keys; key++) out[Math.floor(row / queries) * keys + key]! += weights[row * keys + key]!
  return out.map((sum) => sum / queries)
}

/** [head, query] */
export const maxOverKeys = (array: LoadedTensor): number[] => eachRow(array, (row) => Math.max(...row))

/** [head], in nats, averaged over queries */
export const meanEntropy = (array: LoadedTensor): number[] => {
  const [heads, queries] = array.shape as [number, number, number]
  const rows = eachRow(array, (row) => row.reduce((sum, p) => sum - p * Math.log(Math.max(p, 1e-30)), 0))
  return Array.from({ length: heads }, (_, h) => average(rows.slice(h * queries, (h + 1) * queries)))
}

const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The first `size` queries and keys of every head, or of those of `heads`. */
export const window = ({ data, shape }: LoadedTensor, size: number, only?: number[]): number[] => {
  const [heads, queries, keys] = shape as [number, number, number]
  const out: number[] = []
  for (const head of only ?? Array.from({ length: heads }, (_, h) => h))
    for (let query = 0; query < Math.min(size, queries); query++)
      for (let key = 0; key < Math.min(size, keys); key++)
        out.push((data as Float32Array)[(head * queries + query) * keys + key]!)
  return out
}
