import { EngineError } from '../contract/errors.ts'
import type { CacheEstimate } from '../contract/estimate.ts'
import { bytesText } from './estimate-text.ts'

/**
 * Why the windows of a region cannot be run one after the other: the cache would push out the first results for the last. null where it
 * can hold them all, those that it holds already among them; `cache` is what one window takes.
 */
export const windowsRefusal = (
  model: string,
  count: number,
  { likely, limit }: Pick<CacheEstimate, 'likely' | 'limit'>,
): EngineError | null => {
  const total = likely * count
  if (total <= limit) return null
  return new EngineError(
    'no-space',
    `the results of ${model} on the ${count} windows of this region take about ${bytesText(total)} and the cache may hold ${bytesText(limit)}: choose a shorter region, or let the cache hold more`,
    { total, limit },
  )
}
