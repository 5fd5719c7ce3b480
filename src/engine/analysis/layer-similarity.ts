import { centred, eachGramBlock, type RowProducts, type States } from './gram.ts'

/** Hidden states [step, width] of one stack, read one at a time. */
export interface LayerStates {
  matrices: Iterable<Float32Array>
  width: number
}

/**
 * Linear CKA (Kornblith et al. 2019, §3): ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖) of centred X and Y, by
 * their Gram matrices: ‖YᵀX‖² = ⟨XXᵀ, YYᵀ⟩. NaN for a layer that is the same at every step. The answer is [layer, layer], or
 * [layer, layer of the others] where there are others: as many steps in each, widths of their own.
 */
export const linearCka = async (
  layers: LayerStates,
  products: RowProducts,
  pace: () => Promise<void>,
  others?: LayerStates,
): Promise<Float32Array> => {
  const own = await readAll(layers, pace, centred)
  const theirs = others ? await readAll(others, pace, centred) : []
  const all = [...own, ...theirs]
  const alignment = new Float64Array(all.length * all.length)
  // beside the pairs asked for every matrix with itself
  const pairs = pairsOf(own.length, theirs.length, true)
  const add = async (blocks: Float32Array[], first: number): Promise<void> => {
    const steps = all[0]!.values.length / all[0]!.width - first
    for (const [a, b] of pairs) {
      await pace()
      alignment[a * all.length + b]! += symmetricProduct(blocks[a]!, blocks[b]!, steps)
    }
  }
  await eachGramBlock(all, products, add, pace)
  const norm = (i: number): number => Math.sqrt(alignment[i * all.length + i]!)
  const value = (a: number, b: number): number => alignment[a * all.length + b]! / (norm(a) * norm(b))
  return table(own.length, theirs.length, value)
}

/**
 * The mean over the steps of the cosine between a step's two states, as they are, not centred. A state of zeros is like none: 0.
 * The answer is as CKA's; `others` must be as wide.
 */
export const meanCosine = async (
  layers: LayerStates,
  pace: () => Promise<void>,
  others?: LayerStates,
): Promise<Float32Array> => {
  const own = await readAll(layers, pace, unitRows)
  const theirs = others ? await readAll(others, pace, unitRows) : []
  const all = [...own, ...theirs]
  const means = new Float64Array(all.length * all.length)
  for (const [a, b] of pairsOf(own.length, theirs.length, false)) {
    await pace()
    const [x, y] = [all[a]!.values, all[b]!.values]
    means[a * all.length + b] = product(x, y, 0, x.length) / (x.length / layers.width)
  }
  return table(own.length, theirs.length, (a, b) => means[a * all.length + b]!)
}

const readAll = async (
  { matrices, width }: LayerStates,
  pace: () => Promise<void>,
  made: (matrix: Float32Array, width: number) => Float32Array,
): Promise<States[]> => {
  const all: States[] = []
  for (const matrix of matrices) {
    await pace()
    all.push({ values: made(matrix, width), width })
  }
  return all
}

/** Every pair once, a ≤ b: of `own` matrices with each other, or with the `others` that come after them, then each `withItself` too. */
const pairsOf = (own: number, others: number, withItself: boolean): [number, number][] => {
  const all = own + others
  const pairs: [number, number][] = []
  for (let a = 0; a < all; a++)
    for (let b = a; b < all; b++) {
      const asked = others === 0 || (a < own && b >= own)
      if (asked || (withItself && a === b)) pairs.push([a, b])
    }
  return pairs
}

const table = (own: number, others: number, value: (a: number, b: number) => number): Float32Array => {
  const columns = others === 0 ? own : others
  return Float32Array.from({ length: own * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    return others === 0 ? value(Math.min(row, column), Math.max(row, column)) : value(row, own + column)
  })
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
