import { computed, reactive, type ComputedRef } from 'vue'
import type { Span } from '../../../contract/engine.ts'
import { timeOf } from '../../../contract/grid.ts'
import type { Run } from '../../../contract/run.ts'
import type { Range } from '../../../contract/tensor.ts'
import { fitted, lengthOf, panned, zoomed } from '../../timeline/geometry.ts'
import { useTimeline } from '../../timeline/timeline.ts'
import type { Site } from '../site.ts'
import type { Spot } from './map-grip.ts'

/** The part of an attention map that is zoomed to, in steps (not whole ones, so that zooming is smooth), by column. */
interface Window {
  /** what is zoomed into: elsewhere it does not hold */
  of: string
  queries: Range
  keys: Range
}
const windows = reactive(new Map<number, Window>())

/** the fewest steps that are shown */
const least = 2

export interface MapWindow {
  /** whole steps; the whole extent where nothing is zoomed */
  shown: ComputedRef<{ queries: Range; keys: Range } | null>
  /** how many times larger steps are than in the whole map; 1 where nothing is zoomed */
  factor: ComputedRef<number>
  /** `at`, a share of the map, stays where it is */
  zoom(by: number, at: Spot): void
  /** by shares of what is shown */
  pan(by: Spot): void
  whole(): void
  /** makes a row visible */
  reveal(query: number): void
}

type Extent = { queries: Range; keys: Range }

/** Steps of both sides, whatever unit a span has. */
export const extentOf = (spans: { queries: Span; keys: Span }, site: Site, run: Run): Extent => {
  const [, queries = 1, keys = 1] = run.taps.find(({ tap }) => tap === site.tap)?.shape ?? []
  const { count } = timeOf(run.grids.encoder)
  const range = (span: Span, all: number): Range => (span.unit === 'step' ? [...span.range] : [0, all])
  return {
    queries: range(spans.queries, site.kind === 'encoder' ? count : queries),
    keys: range(spans.keys, site.kind === 'decoder' ? keys : count),
  }
}

const wholeSteps = ([start, end]: Range, limit: Range): Range => {
  const first = Math.max(limit[0], Math.min(limit[1] - 1, Math.round(start)))
  return [first, Math.max(first + 1, Math.min(limit[1], Math.round(end)))]
}

/** `extent`: all there is to show; `of` names it. Linked columns zoom together. */
export const useMapWindow = (column: number, extent: () => Extent | null, of: () => string): MapWindow => {
  const timeline = useTimeline()
  const own = computed((): Extent | null => {
    const limit = extent()
    const kept = windows.get(column)
    if (!limit || kept?.of !== of()) return limit
    return { queries: fitted(kept.queries, limit.queries), keys: fitted(kept.keys, limit.keys) }
  })
  const keep = (next: Extent): void => {
    const columns = timeline.linked ? timeline.visible.keys() : [column]
    for (const one of columns) windows.set(one, { of: of(), ...next })
  }
  const change = (by: Spot, make: (range: Range, limit: Range, by: number) => Range): void => {
    const [now, limit] = [own.value, extent()]
    if (now && limit)
      keep({ queries: make(now.queries, limit.queries, by.query), keys: make(now.keys, limit.keys, by.key) })
  }
  const pan: MapWindow['pan'] = (by) =>
    change(by, (range, limit, share) => panned(range, share * lengthOf(range), limit))
  return {
    shown: computed(() => {
      const [now, limit] = [own.value, extent()]
      return now && limit
        ? { queries: wholeSteps(now.queries, limit.queries), keys: wholeSteps(now.keys, limit.keys) }
        : null
    }),
    factor: computed(() => {
      const [now, limit] = [own.value, extent()]
      return now && limit ? lengthOf(limit.keys) / lengthOf(now.keys) : 1
    }),
    zoom: (by, at) =>
      change(at, (range, limit, share) => {
        const factor = Math.max(by, Math.min(1, least / lengthOf(range)))
        return zoomed(range, factor, range[0] + share * lengthOf(range), limit)
      }),
    pan,
    whole: () => change({ query: 0, key: 0 }, (_, limit) => limit),
    reveal: (query) => {
      const range = own.value?.queries
      if (!range || (query >= range[0] && query < range[1])) return
      pan({ query: (query + 0.5 - (range[0] + range[1]) / 2) / lengthOf(range), key: 0 })
    },
  }
}
