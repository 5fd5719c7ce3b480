/** What crosses a boundary as numbers: always a dtype, a shape and a word for every axis. */

export interface DataTypeMap {
  float32: Float32Array
  int64: BigInt64Array
  uint8: Uint8Array
}
export type DType = keyof DataTypeMap

/** Row-major. `axes` are words (`head`, `query`, `key`, `step`, `token`, `width` …), one per entry of `shape`. */
export interface Tensor<D extends DType = 'float32'> {
  dtype: D
  shape: number[]
  axes: string[]
  data: DataTypeMap[D]
}

export const elementCount = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1)

/** Half-open: `[start, end)`. */
export type Range = [start: number, end: number]

/**
 * A matrix made for a screen: `rows` × `columns` values, pooled from `source` (half-open ranges of steps or dimensions).
 * `low` and `high` are the least and greatest finite value outside padding, the colour range's natural ends.
 */
export interface Raster {
  rows: number
  columns: number
  data: Float32Array
  source: { rows: Range; columns: Range }
  low: number
  high: number
}
