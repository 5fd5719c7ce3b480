import type { Client } from '../../contract/contract.ts'
import { EngineError } from '../../contract/errors.ts'
import type { inference } from '../../contract/inference.ts'
import type { Run, TapCard } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import { elementCount, type Range } from '../../contract/tensor.ts'
import { bytesOf, bytesPerElement } from '../../formats/npy.ts'
import type { Store } from '../store/store.ts'
import type { ArrayCard } from './array-file.ts'

/** Where a run's arrays come from: the store, or for attention the query process. */
export interface ArraySource {
  store: Pick<Store, 'tensor'>
  values: Client<typeof inference>['attentionValues']
  modelFolder: string
}

/** Limits on attention arrays: heads by number or averaged to one, half-open ranges of query rows and keys. */
export interface AttentionLimits {
  heads?: number[] | 'mean' | 'max' | undefined
  rows?: Range | undefined
  keys?: Range | undefined
}

/** One array to write: its card as written and the limits within the tap. */
export interface ArrayPlan {
  card: ArrayCard
  attention: { heads: (number | 'mean' | 'max')[]; rows: Range; keys: Range } | null
}

/** What of `tap` is written under `limits`. Throws `bad-input` for heads or steps that the tap does not have. */
export const planArray = (tap: TapCard, limits: AttentionLimits): ArrayPlan => {
  const card: ArrayCard = { name: tap.tap, dtype: tap.dtype, shape: [...tap.shape], axes: tap.axes }
  const kind = parseTap(tap.tap)?.kind
  if (kind !== 'attention' && kind !== 'cross') return { card, attention: null }
  const [headCount = 0, rowCount = 0, keyCount = 0] = tap.shape
  const heads = headsOf(tap.tap, limits.heads, headCount)
  const rows = rangeWithin(tap.tap, 'rows', limits.rows, rowCount)
  const keys = rangeWithin(tap.tap, 'keys', limits.keys, keyCount)
  return {
    card: { ...card, shape: [heads.length, rows[1] - rows[0], keys[1] - keys[0]] },
    attention: { heads, rows, keys },
  }
}

/** The heads that are written one after another. Throws `bad-input` for one the tap does not have. */
export const headsOf = (tap: string, heads: AttentionLimits['heads'], count: number): (number | 'mean' | 'max')[] => {
  if (heads === 'mean' || heads === 'max') return [heads]
  const missing = heads?.find((head) => head >= count)
  if (missing !== undefined)
    throw new EngineError('bad-input', `${tap} has no head ${missing}: it has ${count}, counted from 0`)
  return heads ?? Array.from({ length: count }, (_, head) => head)
}

/** Half-open and within `count`, which an end may exceed. Throws `bad-input` where nothing of it is there. */
export const rangeWithin = (tap: string, name: string, range: Range | undefined, count: number): Range => {
  const [start, end] = range ?? [0, count]
  if (start >= count)
    throw new EngineError('bad-input', `${name} ${start}:${end} lie outside ${tap}, which has ${count}`)
  return [start, Math.min(end, count)]
}

/** About this much is in memory at a time. */
const blockBytes = 8e6

/** The array's values in row-major order, in blocks of rows; each block has a buffer of its own. */
export async function* arrayBlocks(
  source: ArraySource,
  run: Run,
  plan: ArrayPlan,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (!plan.attention) return yield* storedBlocks(source, run, plan)
  const { heads, rows, keys } = plan.attention
  const step = Math.max(1, Math.floor(blockBytes / 4 / (keys[1] - keys[0])))
  for (const head of heads) {
    for (let row = rows[0]; row < rows[1]; row += step) {
      const { data } = await source.values(
        {
          run: run.id,
          tap: plan.card.name,
          heads: typeof head === 'number' ? [head] : head,
          queries: [row, Math.min(rows[1], row + step)],
          keys,
          modelFolder: source.modelFolder,
          modelVariant: run.model.variant,
        },
        signal ? { signal } : {},
      )
      yield bytesOf(data)
    }
  }
}

async function* storedBlocks(source: ArraySource, run: Run, { card }: ArrayPlan): AsyncGenerator<Uint8Array> {
  const [count = 1, ...rest] = card.shape
  const step = Math.max(1, Math.floor(blockBytes / (elementCount(rest) * bytesPerElement[card.dtype])))
  for (let row = 0; row < count; row += step)
    yield bytesOf(source.store.tensor(run.id, card.name, [row, Math.min(count, row + step)]).data)
}
