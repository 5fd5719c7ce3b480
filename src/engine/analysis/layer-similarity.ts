import { centred, eachGramBlock, type RowProducts } from './gram.ts'

/** Matrices [step, width] of one stack's hidden states, as many steps in each, read one at a time. The answers are [layer, layer]. */
export interface LayerStates {
  matrices: Iterable<Float32Array>
  width: number
}

/**
 * Linear CKA (Kornblith et al. 2019, §3): ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖) of centred X and Y, by
 * their Gram matrices: ‖YᵀX‖² = ⟨XXᵀ, YYᵀ⟩. NaN for a layer that is the same at every step.
 */
export const linearCka = async (
  { matrices, width }: LayerStates,
  products: RowProducts,
  pace: () => Promise<void>,
): Promise<Float32Array> => {
  const layers: Float32Array[] = []
  for (const matrix of matrices) {
    await pace()
    layers.push(centred(matrix, width))
  }
  const count = layers.length
  const alignment = new Float64Array(count * count)
  const add = async (blocks: Float32Array[], first: number): Promise<void> => {
    const steps = layers[0]!.length / width - first
    await eachPair(count, pace, (a, b, at) => {
      alignment[at]! += symmetricProduct(blocks[a]!, blocks[b]!, steps)
    })
  }
  await eachGramBlock(layers, width, products, add, pace)
  const own = (layer: number): number => alignment[layer * count + layer]!
  return mirrored(count, (a, b, at) => alignment[at]! / Math.sqrt(own(a) * own(b)))
}

/** The mean over the steps of the cosine between a step's two states, as they are, not centred. A state of zeros is like none: 0. */
export const meanCosine = async (
  { matrices, width }: LayerStates,
  pace: () => Promise<void>,
): Promise<Float32Array> => {
  const units: Float32Array[] = []
  for (const matrix of matrices) {
    await pace()
    units.push(unitRows(matrix, width))
  }
  const means = new Float64Array(units.length ** 2)
  await eachPair(units.length, pace, (a, b, at) => {
    means[at] = product(units[a]!, units[b]!, 0, units[a]!.length) / (units[a]!.length / width)
  })
  return mirrored(units.length, (_a, _b, at) => means[at]!)
}

/** every pair of layers once, a ≤ b; `at` is its place in the matrix */
const eachPair = async (
  count: number,
  pace: () => Promise<void>,
  each: (a: number, b: number, at: number) => void,
): Promise<void> => {
  for (let a = 0; a < count; a++)
    for (let b = a; b < count; b++) {
      await pace()
      each(a, b, a * count + b)
    }
}

const mirrored = (count: number, value: (a: number, b: number, at: number) => number): Float32Array => {
  const matrix = new Float32Array(count * count)
  for (let a = 0; a < count; a++)
    for (let b = a; b < count; b++) matrix[a * count + b] = matrix[b * count + a] = value(a, b, a * count + b)
  return matrix
}

const product = (a: Float32Array, b: Float32Array, from: number, to: number): number => {
  let sum = 0
  for (let i = from; i < to; i++) sum += a[i]! * b[i]!
  return sum
}

/** ⟨A, B⟩ of the rows of two symmetric matrices that begin on the diagonal: what lies right of the block's own rows counts twice. */
const symmetricProduct = (a: Float32Array, b: Float32Array, steps: number): number => {
  const rows = a.length / steps
  let sum = 0
  for (let row = 0; row < rows; row++) {
    const from = row * steps
    sum += product(a, b, from, from + rows) + 2 * product(a, b, from + rows, from + steps)
  }
  return sum
}

const unitRows = (states: Float32Array, width: number): Float32Array => {
  const result = new Float32Array(states.length)
  for (let from = 0; from < states.length; from += width) {
    const length = Math.sqrt(product(states, states, from, from + width))
    for (let i = from; length > 0 && i < from + width; i++) result[i] = states[i]! / length
  }
  return result
}
