/**
 * Agglomerative clustering by average linkage (UPGMA), and the order in which its tree's leaves stand.
 * By chains of nearest neighbours (Müllner 2011, arXiv:1109.2378, §3.2), in time that grows with the square of `count`.
 */

/**
 * The leaves of the tree from left to right. `distances` [count, count] is symmetric and is worked in. Of two clusters that merge the
 * one that was made earlier stands left, as scipy.cluster.hierarchy.leaves_list(linkage(…, 'average')) has it.
 */
export const leafOrder = async (distances: Float64Array, count: number, pace: () => Promise<void>): Promise<number[]> =>
  leavesOf(await averageLinkage(distances, count, pace), count)

interface Merge {
  /** of either cluster one leaf that stands for it */
  pair: [number, number]
  distance: number
}

const averageLinkage = async (distances: Float64Array, count: number, pace: () => Promise<void>): Promise<Merge[]> => {
  const sizes = new Int32Array(count).fill(1)
  const merges: Merge[] = []
  const chain: number[] = []
  while (merges.length < count - 1) {
    await pace()
    if (chain.length === 0) chain.push(sizes.findIndex((size) => size > 0))
    const { pair, distance } = followChain(chain, distances, sizes)
    const [x, y] = pair[0] < pair[1] ? pair : [pair[1], pair[0]]
    merges.push({ pair: [x, y], distance })
    mergeInto(y, x, distances, sizes)
  }
  // the chain finds merges out of their order
  return merges.sort((a, b) => a.distance - b.distance)
}

/** Goes from a cluster to its nearest until two are each other's nearest; these leave the chain. */
const followChain = (chain: number[], distances: Float64Array, sizes: Int32Array): Merge => {
  for (;;) {
    const x = chain.at(-1)!
    const from = x * sizes.length
    // the one before is preferred among equals: else a chain could go in circles
    let nearest = chain.at(-2) ?? -1
    let least = nearest < 0 ? Infinity : distances[from + nearest]!
    for (let i = 0; i < sizes.length; i++)
      if (i !== x && sizes[i]! > 0 && distances[from + i]! < least) [nearest, least] = [i, distances[from + i]!]
    if (chain.length > 1 && nearest === chain.at(-2)) {
      chain.length -= 2
      return { pair: [x, nearest], distance: least }
    }
    chain.push(nearest)
  }
}

/** `into` then stands for both: its distance to every other is the mean over all pairs of leaves. */
const mergeInto = (into: number, gone: number, distances: Float64Array, sizes: Int32Array): void => {
  const count = sizes.length
  const [a, b] = [sizes[gone]!, sizes[into]!]
  sizes[gone] = 0
  sizes[into] = a + b
  for (let i = 0; i < count; i++) {
    if (sizes[i] === 0 || i === into) continue
    const mean = (a * distances[gone * count + i]! + b * distances[into * count + i]!) / (a + b)
    distances[into * count + i] = distances[i * count + into] = mean
  }
}

/** From merges in the order of their distances: each makes a cluster numbered on from the leaves, and the lower number stands left. */
const leavesOf = (merges: Merge[], count: number): number[] => {
  const parent = Int32Array.from({ length: 2 * count - 1 }, (_, i) => i)
  const root = (leaf: number): number => {
    let at = leaf
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!
    return at
  }
  const leaves: number[][] = Array.from({ length: count }, (_, i) => [i])
  merges.forEach(({ pair }, i) => {
    const [left, right] = pair.map(root).sort((a, b) => a - b) as [number, number]
    parent[left] = parent[right] = count + i
    leaves.push([...leaves[left]!, ...leaves[right]!])
    leaves[left] = leaves[right] = []
  })
  return leaves.at(-1) ?? []
}
