/**
 * Dynamic time warping of tokens to steps, as transformers 5 has it (whisper/generation_whisper.py, `_dynamic_time_warping`): costs are
 * summed in float32, and where two ways cost the same the one along the steps is taken.
 */
const [both, down, along] = [0, 1, 2]

/**
 * The cheapest monotonous way through a `cost` [row, step], from its first cell to its last: the step at which it enters each row.
 * Every row is entered, several at the same step where they must be.
 */
export const warp = (cost: Float64Array, rows: number, steps: number): Int32Array => {
  const trace = new Uint8Array(rows * steps)
  // sums of the step before and of this one; entry 0 is the border before the first row
  let before = new Float32Array(rows + 1).fill(Infinity)
  let sums = new Float32Array(rows + 1)
  before[0] = 0
  for (let step = 0; step < steps; step++) {
    sums[0] = Infinity
    for (let row = 0; row < rows; row++) {
      const ways = [before[row]!, sums[row]!, before[row + 1]!] as const
      const way = ways[0] < ways[1] && ways[0] < ways[2] ? both : ways[1] < ways[0] && ways[1] < ways[2] ? down : along
      sums[row + 1] = cost[row * steps + step]! + ways[way]!
      trace[row * steps + step] = way
    }
    ;[before, sums] = [sums, before]
  }
  return entered(trace, rows, steps)
}

/** Back from the last cell. */
const entered = (trace: Uint8Array, rows: number, steps: number): Int32Array => {
  const first = new Int32Array(rows)
  let [row, step] = [rows - 1, steps - 1]
  while (row >= 0 && step >= 0) {
    first[row] = step
    // the borders: only steps are left in the first row, only rows at the first step
    const way = row === 0 ? along : step === 0 ? down : trace[row * steps + step]!
    if (way !== along) row--
    if (way !== down) step--
  }
  return first
}
