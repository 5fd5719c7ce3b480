import type { NamedRegion } from '../../contract/regions.ts'

/** What was done to the lists of regions, to be undone and done again: the last changes, for as long as the page is open. */

export interface ListChange {
  recording: string
  put: readonly NamedRegion[]
  /** ids */
  remove: readonly string[]
  /** the same of those that are only proposed */
  propose?: readonly NamedRegion[]
  withdraw?: readonly string[]
}

/** `what`: "Deleted 3 regions" */
export interface HistoryStep {
  what: string
  forth: ListChange
  back: ListChange
}

/** What makes a list, and what was proposed for it, again what they were before `change`. */
export const inverseOf = (
  list: readonly NamedRegion[],
  proposed: readonly NamedRegion[],
  { recording, put, remove, propose = [], withdraw = [] }: ListChange,
): ListChange => {
  const [own, waiting] = [inverse(list, put, remove), inverse(proposed, propose, withdraw)]
  return { recording, ...own, propose: waiting.put, withdraw: waiting.remove }
}

const inverse = (list: readonly NamedRegion[], put: readonly NamedRegion[], remove: readonly string[]) => {
  const touched = new Set([...remove, ...put.map(({ id }) => id)])
  const before = list.filter(({ id }) => touched.has(id))
  const known = new Set(before.map(({ id }) => id))
  return { put: before, remove: put.filter(({ id }) => !known.has(id)).map(({ id }) => id) }
}

/** A list in which `put` are new or in the place of those with their ids, and `remove` are gone; in no order. */
export const changed = (
  list: readonly NamedRegion[],
  put: readonly NamedRegion[] = [],
  remove: readonly string[] = [],
): NamedRegion[] => {
  const gone = new Set([...remove, ...put.map(({ id }) => id)])
  return [...list.filter(({ id }) => !gone.has(id)), ...put]
}

const most = 100
/** an edge that a held key moves many times is one step: milliseconds from one to the next */
const together = 1000

/** Whether both moved or renamed the same region. */
const alike = (a: HistoryStep, b: HistoryStep): boolean =>
  a.what === b.what &&
  [a, b].every(({ forth, back }) => forth.put.length === 1 && back.put.length === 1) &&
  a.forth.put[0]!.id === b.forth.put[0]!.id

export const createHistory = () => {
  const done: HistoryStep[] = []
  const undone: HistoryStep[] = []
  let added = -Infinity
  const take = (from: HistoryStep[], to: HistoryStep[]): HistoryStep | undefined => {
    const step = from.pop()
    if (step) to.push(step)
    return step
  }
  return {
    /** what was undone before cannot be done again after it; `now` in milliseconds */
    add(step: HistoryStep, now = Date.now()): void {
      const last = done.at(-1)
      if (last && undone.length === 0 && now - added < together && alike(last, step)) last.forth = step.forth
      else done.push(step)
      added = now
      if (done.length > most) done.shift()
      undone.length = 0
    },
    undo: () => take(done, undone),
    redo: () => take(undone, done),
  }
}

/** “wren”, a region, 3 regions */
export const sayRegions = (regions: readonly { name: string }[]): string => {
  const [one] = regions
  if (one && regions.length === 1) return one.name ? `“${one.name}”` : 'a region'
  return `${regions.length} regions`
}
