import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import type { NamedRegion, ProposedRegion, ProposeProgress, RegionRow } from '../../contract/regions.ts'
import type { Range } from '../../contract/tensor.ts'
import { engine } from '../engine.ts'
import type { ListedRegion } from '../listed-region.ts'
import { useTimeline } from '../timeline/timeline.ts'
import { useNotices } from './notices.ts'
import { changed, createHistory, inverseOf, sayRegions, type HistoryStep, type ListChange } from './region-history.ts'
import { hearOfLists, readList, writeList } from './region-lists.ts'

/**
 * The named regions of each recording, kept by the engine, and those that were proposed and wait to be accepted. One of them is chosen while
 * it is what is analysed; its edges then move with the region.
 */

const sorted = (list: NamedRegion[]): NamedRegion[] => markRaw(list.sort((a, b) => a.start - b.start || a.end - b.end))

/** Aborting is not state: a controller must not become a proxy. */
const searches = new Map<string, AbortController>()

/** by recording, the region whose edges are being moved, as it is kept: what comes from elsewhere does not take it from the hand */
const held = new Map<string, NamedRegion>()

const history = createHistory()
/** the notice that offers to undo the last change */
let offered = -1

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
        const kept = await readList(recording)
        if (!kept) return
        const own = held.get(recording)
        const moving = own && this.lists[recording]?.find(({ id }) => id === own.id)
        this.lists[recording] = sorted(kept)
        if (moving) this.show(recording, [moving])
      } catch (error) {
        useNotices().fail(error)
      }
    },
    /** follows what other pages change; to be called on every connection */
    follow(): void {
      hearOfLists((recording) => {
        if (this.lists[recording]) void this.load(recording)
      })
    },
    /** `what` it does, as it is said when it is undone: "Deleted 3 regions" */
    async change(what: string, forth: ListChange): Promise<void> {
      const { recording } = forth
      const moved = held.get(recording)
      const before = (this.lists[recording] ?? []).map((region) => (region.id === moved?.id ? moved : region))
      history.add({ what, forth, back: inverseOf(before, this.proposals[recording] ?? [], forth) })
      useNotices().dismiss(offered)
      await this.keep(forth)
    },
    /** what is shown changes at once; where it cannot be kept that is said, and what is kept is shown again */
    async keep(change: ListChange): Promise<void> {
      const { recording, put, remove, propose, withdraw } = change
      this.show(recording, put, remove)
      this.propose(recording, propose, withdraw)
      try {
        await writeList(change)
      } catch (error) {
        useNotices().fail(error)
        await this.load(recording)
      }
    },
    /** of a change that is easily made by mistake */
    offerUndo(text: string): void {
      const action = { label: 'Undo', run: () => void this.undo() }
      offered = useNotices().add({ kind: 'note', text: `${text}.`, action })
    },
    undo(): Promise<void> {
      return this.step('undone', history.undo(), ({ back }) => back)
    },
    redo(): Promise<void> {
      return this.step('done again', history.redo(), ({ forth }) => forth)
    },
    async step(said: string, step: HistoryStep | undefined, way: (step: HistoryStep) => ListChange): Promise<void> {
      useNotices().dismiss(offered)
      if (!step) return useNotices().say('note', `Nothing that was done to regions can be ${said}.`)
      const change = way(step)
      await this.keep(change)
      const again = change.put.find(({ id }) => id === this.picked[change.recording])
      if (again && again.end > again.start) useTimeline().regions[change.recording] = [again.start, again.end]
      offered = useNotices().add({ kind: 'note', text: `${step.what}: ${said}.` })
    },
    /** those that were only proposed are dismissed */
    remove(recording: string, listed: readonly ListedRegion[]): void {
      if (listed.length === 0) return
      const [own, waiting] = [false, true].map((is) =>
        listed.flatMap(({ region, proposed }) => (proposed === is ? [region.id] : [])),
      ) as [string[], string[]]
      const what = `${own.length > 0 ? 'Deleted' : 'Dismissed'} ${sayRegions(listed.map(({ region }) => region))}`
      void this.change(what, { recording, put: [], remove: own, withdraw: waiting })
      this.offerUndo(what)
    },
    /** without keeping it: an edge that is being dragged */
    show(recording: string, put: readonly NamedRegion[], remove: readonly string[] = []): void {
      this.lists[recording] = sorted(changed(this.lists[recording] ?? [], put, remove))
    },
    add(recording: string, [start, end]: Range): void {
      const numbers = (this.lists[recording] ?? []).map(({ name }) => Number(/^region (\d+)$/.exec(name)?.[1] ?? 0))
      const name = `region ${numbers.reduce((most, one) => Math.max(most, one), 0) + 1}`
      const region = withId({ start, end, name, low: null, high: null, more: [] })
      this.picked[recording] = region.id
      this.naming = region.id
      void this.change(`Added ${sayRegions([region])}`, { recording, put: [region], remove: [] })
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
    /** Analyses another stretch; the one that was chosen stays as it is. */
    select(recording: string, range: Range): void {
      useTimeline().regions[recording] = range
    },
    /** Moves the region's edges, and those of the chosen one with it; `settle` keeps them. */
    adjust(recording: string, range: Range): void {
      const chosen = this.chosen(recording)
      useTimeline().regions[recording] = range
      if (!chosen || chosen.region.end === chosen.region.start) return
      const region = { ...chosen.region, start: range[0], end: range[1] }
      if (chosen.proposed) return this.propose(recording, [region])
      if (!held.has(recording)) held.set(recording, chosen.region)
      this.show(recording, [region])
    },
    settle(recording: string): void {
      const [chosen, before] = [this.chosen(recording)?.region, held.get(recording)]
      if (chosen && chosen.id === before?.id && (chosen.start !== before.start || chosen.end !== before.end))
        void this.change(`Moved ${sayRegions([chosen])}`, { recording, put: [chosen], remove: [] })
      held.delete(recording)
    },
    propose(recording: string, put: readonly NamedRegion[] = [], withdraw: readonly string[] = []): void {
      if (put.length === 0 && withdraw.length === 0) return
      this.proposals[recording] = sorted(changed(this.proposals[recording] ?? [], put, withdraw))
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
      const put = (this.proposals[recording] ?? []).filter((one) => id === undefined || one.id === id)
      const withdraw = put.map((one) => one.id)
      if (put.length > 0) await this.change(`Accepted ${sayRegions(put)}`, { recording, put, remove: [], withdraw })
    },
    /** all that were proposed */
    dismiss(recording: string): void {
      const waiting = this.proposals[recording] ?? []
      this.remove(
        recording,
        waiting.map((region) => ({ region, proposed: true })),
      )
    },
  },
})

export const withId = (row: RegionRow): NamedRegion => ({ id: crypto.randomUUID(), ...row })

const proposal = ({ start, end }: ProposedRegion): NamedRegion =>
  withId({ start, end, name: 'event', low: null, high: null, more: [] })
