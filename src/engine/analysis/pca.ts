import { centred, eachGramBlock, type RowProducts } from './gram.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

export interface PrincipalComponents {
  /** a component's value at every step; the step that lies farthest from 0 is positive */
  points: [Float32Array, Float32Array]
  /** each component's share of the whole variance, 0 … 1 */
  explained: [number, number]
}

/** vectors iterated together: those beyond the wanted ones make these come out sooner */
const together = 12
const mostRounds = 300
/** of the greatest eigenvalue */
const tolerance = 1e-8

/**
 * The first two principal components of states [step, width]: eigenvectors of the centred states' Gram matrix [step, step], each as
 * long as the square root of its eigenvalue.
 */
export const principalComponents = async (
  states: Float32Array,
  width: number,
  products: RowProducts,
  pace: () => Promise<void>,
): Promise<PrincipalComponents> => {
  const steps = states.length / width
  const gram = await wholeGram(centred(states, width), width, products, pace)
  let trace = 0
  for (let i = 0; i < steps; i++) trace += gram[i * steps + i]!
  // a single step, or all alike
  if (trace === 0) return { points: [new Float32Array(steps), new Float32Array(steps)], explained: [0, 0] }
  const [first, second] = await leadingPair(gram, steps, pace)
  return { points: [scores(first), scores(second)], explained: [first.value / trace, second.value / trace] }
}

/**
 * Other states [step, width] in the plane of `states`: less the mean of `states`, along its components' directions, which are
 * Xcᵀp / (pᵀp) of the centred states Xc and a component's values p.
 */
export const projected = (
  others: Float32Array,
  states: Float32Array,
  points: PrincipalComponents['points'],
  width: number,
): PrincipalComponents['points'] => {
  const steps = states.length / width
  const mean = new Float64Array(width)
  for (let i = 0; i < states.length; i++) mean[i % width]! += states[i]! / steps
  const along = (component: Float32Array): Float32Array => {
    const direction = new Float64Array(width)
    let length = 0
    component.forEach((value, step) => {
      length += value ** 2
      for (let d = 0; d < width; d++) direction[d]! += value * (states[step * width + d]! - mean[d]!)
    })
    return Float32Array.from({ length: others.length / width }, (_, step) => {
      let sum = 0
      for (let d = 0; d < width; d++) sum += (others[step * width + d]! - mean[d]!) * direction[d]!
      return length > 0 ? sum / length : 0
    })
  }
  return [along(points[0]), along(points[1])]
}

interface EigenPair {
  value: number
  vector: Float64Array
}

const wholeGram = async (
  states: Float32Array,
  width: number,
  products: RowProducts,
  pace: () => Promise<void>,
): Promise<Float64Array> => {
  const steps = states.length / width
  const gram = new Float64Array(steps * steps)
  const place = ([block]: Float32Array[], first: number): void => {
    const right = steps - first
    for (let i = 0; i < block!.length; i++) {
      const [row, column] = [first + Math.floor(i / right), first + (i % right)]
      gram[row * steps + column] = gram[column * steps + row] = block![i]!
    }
  }
  await eachGramBlock([{ values: states, width }], products, place, pace)
  return gram
}

/** Subspace iteration with Rayleigh–Ritz (Saad, Numerical Methods for Large Eigenvalue Problems, §5.2) on a matrix [size, size] of no negative eigenvalue. */
const leadingPair = async (
  matrix: Float64Array,
  size: number,
  pace: () => Promise<void>,
): Promise<[EigenPair, EigenPair]> => {
  let basis = startingVectors(Math.min(together, size), size)
  for (let round = 0; ; round++) {
    orthonormalise(basis)
    const images = await timesEach(matrix, basis, pace)
    const { values, vectors } = symmetricEigen(table(basis, images), basis.length)
    const [first, second] = [0, 1].map((c) => ({ value: Math.max(0, values[c]!), vector: mixed(basis, vectors[c]!) }))
    const error = (pair: EigenPair, c: number): number => distance(mixed(images, vectors[c]!), pair)
    const enough = tolerance * values[0]!
    if (round === mostRounds || (error(first!, 0) <= enough && error(second!, 1) <= enough)) return [first!, second!]
    basis = vectors.map((weights) => mixed(images, weights))
  }
}

/** the same every time: numbers without a pattern, of a linear congruential generator */
const startingVectors = (count: number, size: number): Float64Array[] => {
  let state = 1
  const next = (): number => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32 - 0.5
  return Array.from({ length: count }, () => Float64Array.from({ length: size }, next))
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < b.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Gram–Schmidt, twice, as once leaves rounding; what depends on those before it becomes zeros. */
const orthonormalise = (vectors: Float64Array[]): void => {
  vectors.forEach((vector, c) => {
    const before = Math.sqrt(dot(vector, vector))
    for (let pass = 0; pass < 2; pass++)
      for (const other of vectors.slice(0, c)) {
        const share = dot(vector, other)
        for (let i = 0; i < vector.length; i++) vector[i]! -= share * other[i]!
      }
    const length = Math.sqrt(dot(vector, vector))
    const scale = length > 1e-12 * before ? 1 / length : 0
    for (let i = 0; i < vector.length; i++) vector[i]! *= scale
  })
}

/** The matrix times every vector, four at a time: one after another each addition would wait for the one before. */
const timesEach = async (
  matrix: Float64Array,
  vectors: readonly Float64Array[],
  pace: () => Promise<void>,
): Promise<Float64Array[]> => {
  const images = vectors.map((vector) => new Float64Array(vector.length))
  const size = vectors[0]!.length
  for (let first = 0; first < vectors.length; first += 4)
    for (let row = 0; row < size; row++) {
      if (row % 64 === 0) await pace()
      const sums = fourDots(matrix, row * size, vectors, first)
      for (let i = 0; i < 4 && first + i < images.length; i++) images[first + i]![row] = sums[i]!
    }
  return images
}

const fourDots = (
  matrix: Float64Array,
  from: number,
  vectors: readonly Float64Array[],
  first: number,
): [number, number, number, number] => {
  const a = vectors[first]!
  const [b, c, d] = [vectors[first + 1] ?? a, vectors[first + 2] ?? a, vectors[first + 3] ?? a]
  let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const value = matrix[from + i]!
    sumA += value * a[i]!
    sumB += value * b[i]!
    sumC += value * c[i]!
    sumD += value * d[i]!
  }
  return [sumA, sumB, sumC, sumD]
}

/** scalar products of every vector with every image, as a matrix */
const table = (vectors: readonly Float64Array[], images: readonly Float64Array[]): Float64Array =>
  Float64Array.from(vectors.flatMap((vector) => images.map((image) => dot(vector, image))))

const mixed = (vectors: readonly Float64Array[], weights: Float64Array): Float64Array => {
  const sum = new Float64Array(vectors[0]!.length)
  vectors.forEach((vector, c) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[c]! * vector[i]!
  })
  return sum
}

/** ‖image − value · vector‖: how far a vector is from being an eigenvector */
const distance = (image: Float64Array, { value, vector }: EigenPair): number => {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += (image[i]! - value * vector[i]!) ** 2
  return Math.sqrt(sum)
}

const scores = ({ value, vector }: EigenPair): Float32Array => {
  const farthest = vector.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0)
  const length = Math.sign(farthest) * Math.sqrt(value)
  return Float32Array.from(vector, (one) => one * length)
}
