/** Scalar products of rows [row, width] with others [other, width] → [row, other]; the inference process has a fast one. */
export type RowProducts = (rows: Float32Array, others: Float32Array, width: number) => Promise<Float32Array>

/** About this many products are made at a time: small enough for the thread to be free again within a frame. */
const blockProducts = 2 ** 17

/** A matrix [row, width]. */
export interface States {
  values: Float32Array
  width: number
}

/**
 * The upper triangle of states × statesᵀ of matrices of as many rows, each of its own width, in blocks of rows: `each` hears, for one
 * block after another, the products of its rows with all rows from the block's first on, of every matrix.
 */
export const eachGramBlock = async (
  matrices: readonly States[],
  products: RowProducts,
  each: (blocks: Float32Array[], first: number) => Promise<void> | void,
  pace: () => Promise<void>,
): Promise<void> => {
  const count = matrices[0] ? matrices[0].values.length / matrices[0].width : 0
  const rows = Math.max(1, Math.floor(blockProducts / Math.max(1, count)))
  for (let first = 0; first < count; first += rows) {
    const end = Math.min(count, first + rows)
    const blocks: Float32Array[] = []
    for (const { values, width } of matrices) {
      await pace()
      blocks.push(await products(values.subarray(first * width, end * width), values.subarray(first * width), width))
    }
    await each(blocks, first)
  }
}

/** What varies by less than float32 can say of the values themselves does not vary. */
const leastVariation = 1e-6

/** States [step, width] with every dimension's mean over the steps taken away, summed in float64. */
export const centred = (states: Float32Array, width: number): Float32Array => {
  const steps = states.length / width
  const mean = new Float64Array(width)
  for (let i = 0; i < states.length; i++) mean[i % width]! += states[i]! / steps
  const result = new Float32Array(states.length)
  let [size, left] = [0, 0]
  for (let i = 0; i < states.length; i++) {
    const value = states[i]! - mean[i % width]!
    result[i] = value
    size += states[i]! ** 2
    left += value ** 2
  }
  return left > leastVariation ** 2 * size ? result : result.fill(0)
}
