import { setImmediate } from 'node:timers/promises'
import type { Range } from '../../contract/tensor.ts'
import { headShares, jointShares } from '../analysis/value-weights.ts'
import type { Kernel } from './kernel.ts'
import { blockRows, eachBlock } from './query-map.ts'
import type { Operands } from './query-site.ts'
import type { ValuedSite } from './value-site.ts'

/** Hears rows of weights [row, key], the first of them row `row`; what it is given is not to be changed. */
export type EachRows = (weights: Float32Array, row: number) => void

/** The rows of an attention site: as the model has them, or what is made of them. */
export interface WeightRows {
  heads: number
  queries: number
  keys: number
  /** Rows [start, end) of one head, in blocks. */
  of(head: number, rows: Range, each: EachRows, signal?: AbortSignal): Promise<void>
  /** All heads at once, where that is more than the mean of theirs. */
  joint?(rows: Range, each: EachRows, signal?: AbortSignal): Promise<void>
}

export const rawRows = (kernel: Kernel, operands: Operands): WeightRows => ({
  heads: operands.heads,
  queries: operands.queries,
  keys: operands.keys,
  of: (head, rows, each, signal) => eachBlock(kernel, operands, head, rows, each, signal),
})

export const valueRows = (kernel: Kernel, { operands, products }: ValuedSite): WeightRows => {
  const raw = rawRows(kernel, operands)
  return {
    ...raw,
    of: (head, rows, each, signal) =>
      raw.of(head, rows, (weights, row) => each(headShares(weights, head, products), row), signal),
    joint: async ([start, end], each, signal) => {
      const step = blockRows(operands.keys * operands.heads)
      for (let row = start; row < end; row += step) {
        const weights: Float32Array[] = []
        for (let head = 0; head < operands.heads; head++)
          await raw.of(head, [row, Math.min(end, row + step)], (block) => weights.push(block), signal)
        each(jointShares(weights, products), row)
        // others are heard between blocks
        await setImmediate()
      }
    },
  }
}
