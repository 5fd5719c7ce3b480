/** Scores and choices over a vocabulary, as Hugging Face's greedy generation makes them. */

/** Sets the scores of `ids` to −∞ in place; ids outside the vocabulary are passed over, as Hugging Face does. */
export const suppress = (scores: Float32Array, ids: readonly number[]): void => {
  for (const id of ids) if (id >= 0 && id < scores.length) scores[id] = -Infinity
}

/** Sets every score but those of `ids` to −∞ in place. */
export const keepOnly = (scores: Float32Array, ids: readonly number[]): void => {
  const kept = ids.map((id) => [id, scores[id] ?? -Infinity] as const)
  scores.fill(-Infinity)
  for (const [id, score] of kept) scores[id] = score
}

/** The first index of the largest value, as torch's and numpy's argmax; −1 where no value is above −∞. */
export const argmax = (scores: Float32Array): number => {
  let best = -1
  let high = -Infinity
  for (let i = 0; i < scores.length; i++) {
    const value = scores[i] as number
    if (value > high) {
      high = value
      best = i
    }
  }
  return best
}

/** Softmax weight of `index` among all scores; −∞ scores weigh nothing. */
export const probabilityOf = (scores: Float32Array, index: number): number => {
  const high = scores[argmax(scores)] ?? 0
  let sum = 0
  for (const value of scores) sum += Math.exp(value - high)
  return Math.exp((scores[index] as number) - high) / sum
}
