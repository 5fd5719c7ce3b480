/** How many insertions, deletions and replacements make `actual` of `expected` (Levenshtein). */
export const editDistance = <T>(actual: readonly T[], expected: readonly T[]): number => {
  let row = expected.map((_, j) => j + 1)
  actual.forEach((one, i) => {
    const above = [i, ...row]
    row = expected.reduce<number[]>((left, other, j) => {
      const replaced = above[j]! + (one === other ? 0 : 1)
      return [...left, Math.min(replaced, above[j + 1]! + 1, (left.at(-1) ?? i + 1) + 1)]
    }, [])
  })
  return row.at(-1) ?? actual.length
}
