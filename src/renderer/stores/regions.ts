import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import type { NamedRegion, ProposedRegion, ProposeProgress, RegionRow } from '../../contract/regions.ts'
import type { Range } from '../../contract/tensor.ts'
import { engine } from '../engine.ts'
import type { ListedRegion } from '../listed-region.ts'
import { useTimeline } from '../timeline/timeline.ts'
import { useNotices } from './notices.ts'

/**
 * The named regions of each recording, kept by the engine, and those that were proposed and wait to be accepted. One of them is chosen while
 * it is what is analysed; its edges then move with the region.
 */

/** as many as one call takes at a time */
const perCall = 1000

const sorted = (list: NamedRegion[]): NamedRegion[] => markRaw(list.sort((a, b) => a.start - b.start || a.end - b.end))

/** Aborting is not state: a controller must not become a proxy. */
const searches = new Map<string, AbortController>()

export const useRegions = defineStore('regions', {
  state: () => ({
    /** by recording, sorted by start; plain arrays, replaced as a whole */
    lists: {} as Record<string, NamedRegion[]>,
    proposals: {} as Record<string, NamedRegion[]>,
    /** how far the search for events has come, by recording */
    searching: {} as Record<string, ProposeProgress | null>,
    /** ids, by recording: chosen for as long as it is what is analysed */
    picked: {} as Record<string, string>,
    /** the id of one that was just added and wants a name */
    naming: null as string | null,
    /** what could not be read of a file: its name, and sentences */
    report: null as { file: string; taken: string; problems: string[] } | null,
    search: { sensitivity: 0.5, leastSeconds: 0.01, whole: false },
  }),
  getters: {
    /** all of a recording, proposals among them, sorted by start */
    listed:
      (state) =>
      (recording: string): ListedRegion[] => {
        const [own, proposed] = [state.lists[recording] ?? [], state.proposals[recording] ?? []]
        const all = own.map((region) => ({ region, proposed: false }))
        if (proposed.length === 0) return all
        return [...all, ...proposed.map((region) => ({ region, proposed: true }))].sort(
          (a, b) => a.region.start - b.region.start,
        )
      },
    /** the one that is analysed, if it was chosen from the list */
    chosen(state): (recording: string) => ListedRegion | null {
      return (recording) => {
        const id = state.picked[recording]
        const now = useTimeline().regions[recording]
        if (id === undefined || !now) return null
        const is = (region: NamedRegion): boolean =>
          region.id === id && region.start === now[0] && (region.end === now[1] || region.end === region.start)
        const own = state.lists[recording]?.find(is)
        if (own) return { region: own, proposed: false }
        const proposed = state.proposals[recording]?.find(is)
        return proposed ? { region: proposed, proposed: true } : null
      }
    },
  },
  actions: {
    async load(recording: string): Promise<void> {
      try {
        this.lists[recording] = sorted(await engine['regions.list']({ recording }))
      } catch (error) {
        useNotices().fail(error)
      }
    },
    /** what is shown changes at once; where it cannot be kept that is said, and what is kept is shown again */
    async change(recording: string, put: NamedRegion[], remove: string[] = []): Promise<void> {
      this.show(recording, put, remove)
      try {
        const calls = Math.ceil(Math.max(put.length, remove.length) / perCall)
        await Promise.all(
          Array.from({ length: calls }, (_, i) => [i * perCall, (i + 1) * perCall] as const).map((part) =>
            engine['regions.change']({ recording, put: put.slice(...part), remove: remove.slice(...part) }),
          ),
        )
      } catch (error) {
        useNotices().fail(error)
        await this.load(recording)
      }
    },
    /** without keeping it: an edge that is being dragged */
    show(recording: string, put: NamedRegion[], remove: string[] = []): void {
      const gone = new Set([...remove, ...put.map(({ id }) => id)])
      this.lists[recording] = sorted([...(this.lists[recording] ?? []).filter(({ id }) => !gone.has(id)), ...put])
    },
    add(recording: string, [start, end]: Range): void {
      const numbers = (this.lists[recording] ?? []).map(({ name }) => Number(/^region (\d+)$/.exec(name)?.[1] ?? 0))
      const name = `region ${numbers.reduce((most, one) => Math.max(most, one), 0) + 1}`
      const region = withId({ start, end, name, low: null, high: null, more: [] })
      this.picked[recording] = region.id
      this.naming = region.id
      void this.change(recording, [region])
    },
    /** makes it what is analysed; a mark has no length: the region keeps its own and begins there */
    choose(column: number, recording: string, { id, start, end }: NamedRegion, seconds: number): void {
      const timeline = useTimeline()
      const now = timeline.regions[recording] ?? [0, 1]
      const stop = end > start ? end : Math.min(seconds, start + now[1] - now[0])
      if (!(stop > start)) return
      timeline.regions[recording] = [start, stop]
      this.picked[recording] = id
      const [from, to] = timeline.rangeOf(column)
      if (start >= from && stop <= to) return
      const room = Math.max((to - from) / 2, (stop - start) * 0.75)
      const middle = (start + stop) / 2
      timeline.show(column, [middle - room, middle + room])
    },
    /** Moves the region's edges, and those of the chosen one with it; `settle` keeps them. */
    adjust(recording: string, range: Range): void {
      const chosen = this.chosen(recording)
      useTimeline().regions[recording] = range
      if (!chosen || chosen.region.end === chosen.region.start) return
      const region = { ...chosen.region, start: range[0], end: range[1] }
      if (chosen.proposed) this.propose(recording, [region])
      else this.show(recording, [region])
    },
    settle(recording: string): void {
      const chosen = this.chosen(recording)
      if (chosen && !chosen.proposed) void this.change(recording, [chosen.region])
    },
    propose(recording: string, regions: NamedRegion[]): void {
      const changed = new Set(regions.map(({ id }) => id))
      const kept = (this.proposals[recording] ?? []).filter(({ id }) => !changed.has(id))
      this.proposals[recording] = sorted([...kept, ...regions])
    },
    /** looks for events within `range`; what was proposed there before and not accepted is forgotten */
    async findEvents(recording: string, range: Range): Promise<void> {
      if (searches.has(recording)) return
      const flight = new AbortController()
      searches.set(recording, flight)
      this.searching[recording] = { done: 0, total: range[1] - range[0] }
      const { sensitivity, leastSeconds } = this.search
      try {
        const found = await engine['regions.propose'](
          { recording, range, sensitivity, leastSeconds },
          { signal: flight.signal, onPart: (part) => (this.searching[recording] = part) },
        )
        const known = new Set(this.lists[recording]?.map(({ start, end }) => `${start} ${end}`))
        const fresh = found.filter(({ start, end }) => !known.has(`${start} ${end}`))
        const outside = (this.proposals[recording] ?? []).filter(({ start }) => start < range[0] || start >= range[1])
        this.proposals[recording] = sorted([...outside, ...fresh.map(proposal)])
        if (fresh.length === 0) useNotices().say('note', 'nothing new stands out there at this sensitivity')
      } catch (error) {
        useNotices().fail(error)
      } finally {
        searches.delete(recording)
        this.searching[recording] = null
      }
    },
    cancelSearch(recording: string): void {
      searches.get(recording)?.abort()
    },
    /** all that were proposed, or one */
    async accept(recording: string, id?: string): Promise<void> {
      const taken = (this.proposals[recording] ?? []).filter((one) => id === undefined || one.id === id)
      this.dismiss(recording, id)
      await this.change(recording, taken)
    },
    dismiss(recording: string, id?: string): void {
      const kept = (this.proposals[recording] ?? []).filter((one) => id !== undefined && one.id !== id)
      this.proposals[recording] = markRaw(kept)
    },
  },
})

export const withId = (row: RegionRow): NamedRegion => ({ id: crypto.randomUUID(), ...row })

const proposal = ({ start, end }: ProposedRegion): NamedRegion =>
  withId({ start, end, name: 'event', low: null, high: null, more: [] })
