import type { AttentionMap, AttentionProgress, Span } from '../../../contract/engine.ts'
import { printTap } from '../../../contract/tap.ts'
import type { WeightKind } from '../../../contract/weights.ts'
import { engine } from '../../engine.ts'
import type { Kind } from './atlas.ts'

interface Wanted {
  run: string
  kind: Kind
  layers: number
  heads: number
  queries: Span
  keys: Span
  weights: WeightKind
  audioOnly: boolean
  /** pixels of a map */
  side: number
}
interface Options {
  signal: AbortSignal
  onPart: (progress: AttentionProgress) => void
}

/**
 * Asks for the maps of all heads, a layer at a time; a cell is the mean of the weights in it. One question at a time: asked again, a
 * stopped one goes on from where it was.
 */
export const createLayerMaps = (): ((wanted: Wanted, options: Options) => Promise<AttentionMap[]>) => {
  let begun: { key: string; maps: AttentionMap[] } = { key: '', maps: [] }
  return async (wanted, { signal, onPart }) => {
    const { kind, layers, heads, side, ...about } = wanted
    const key = JSON.stringify(wanted)
    if (begun.key !== key) begun = { key, maps: [] }
    const { maps } = begun
    const all = Array.from({ length: heads }, (_, head) => head)
    while (maps.length < layers) {
      onPart({ done: maps.length, total: layers })
      const tap = tapOf(kind, maps.length)
      const query = { ...about, tap, heads: all, width: side, height: side, pool: 'mean' as const }
      const map = await engine['runs.attention'](query, { signal })
      signal.throwIfAborted()
      maps.push(map)
    }
    return maps
  }
}

const tapOf = (kind: Kind, layer: number): string =>
  printTap(kind === 'cross' ? { kind, layer } : { kind: 'attention', side: kind, layer })
