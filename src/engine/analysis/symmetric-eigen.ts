const mostSweeps = 60

export interface Eigen {
  /** the greatest first */
  values: number[]
  /** of length 1, in the order of the values */
  vectors: Float64Array[]
}

/** Eigenvalues and eigenvectors of a small symmetric matrix [size, size], by Jacobi rotations (Golub and Van Loan, §8.5); it is worked in. */
export const symmetricEigen = (matrix: Float64Array, size: number): Eigen => {
  const vectors = Array.from({ length: size }, (_, i) => Float64Array.from({ length: size }, (_, j) => Number(i === j)))
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let turned = false
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) turned = rotate(matrix, size, vectors, p, q) || turned
    if (!turned) break
  }
  const order = vectors.map((_, i) => i).sort((a, b) => matrix[b * size + b]! - matrix[a * size + a]!)
  return { values: order.map((i) => matrix[i * size + i]!), vectors: order.map((i) => vectors[i]!) }
}

/** Makes the entry [p, q] zero; false where it is so small that nothing is left to do. */
const rotate = (matrix: Float64Array, size: number, vectors: Float64Array[], p: number, q: number): boolean => {
  const [pp, qq, pq] = [matrix[p * size + p]!, matrix[q * size + q]!, matrix[p * size + q]!]
  if (Math.abs(pq) <= Number.EPSILON * Math.sqrt(Math.abs(pp * qq))) return false
  const ratio = (qq - pp) / (2 * pq)
  const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio))
  const cosine = 1 / Math.hypot(1, tangent)
  const sine = tangent * cosine
  for (let k = 0; k < size; k++) turn(matrix, k * size + p, k * size + q, cosine, sine)
  for (let k = 0; k < size; k++) turn(matrix, p * size + k, q * size + k, cosine, sine)
  const [a, b] = [vectors[p]!, vectors[q]!]
  for (let k = 0; k < size; k++) {
    const [x, y] = [a[k]!, b[k]!]
    a[k] = cosine * x - sine * y
    b[k] = sine * x + cosine * y
  }
  return true
}

const turn = (values: Float64Array, i: number, j: number, cosine: number, sine: number): void => {
  const [x, y] = [values[i]!, values[j]!]
  values[i] = cosine * x - sine * y
  values[j] = sine * x + cosine * y
}
