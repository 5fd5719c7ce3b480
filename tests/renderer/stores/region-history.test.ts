import { describe, expect, it } from 'vitest'
import type { NamedRegion } from '../../../src/contract/regions.ts'
import {
  changed,
  createHistory,
  inverseOf,
  sayRegions,
  type HistoryStep,
  type ListChange,
} from '../../../src/renderer/stores/region-history.ts'

const region = (id: string, start = 0, name = id): NamedRegion => ({
  ...{ id, start, end: start + 1, name, low: null, high: null, more: [] },
})
const apply = (list: NamedRegion[], { put, remove }: ListChange): NamedRegion[] =>
  changed(list, put, remove).sort((a, b) => a.start - b.start)

describe('what was done to a list', () => {
  const list = [region('a'), region('b', 1), region('c', 2)]
  it.each<[string, ListChange]>([
    ['adding', { recording: 'r', put: [region('d', 3)], remove: [] }],
    ['moving', { recording: 'r', put: [region('b', 0.5)], remove: [] }],
    ['deleting several', { recording: 'r', put: [], remove: ['a', 'c'] }],
    ['all at once', { recording: 'r', put: [region('b', 9), region('e', 4)], remove: ['a', 'unknown'] }],
  ])('is taken back whatever it was: %s', (_, change) => {
    expect(apply(apply(list, change), inverseOf(list, [], change))).toEqual(list)
  })
  it('is taken back with what was proposed: accepting and dismissing', () => {
    const proposed = [region('p', 5), region('q', 6)]
    const change = { recording: 'r', put: [region('p', 5)], remove: [], withdraw: ['p', 'q'] }
    const back = inverseOf(list, proposed, change)
    expect(apply(apply(list, change), back)).toEqual(list)
    const waiting = changed(proposed, [], change.withdraw)
    expect(waiting).toEqual([])
    expect(changed(waiting, back.propose, back.withdraw)).toEqual(proposed)
  })
})

describe('the history', () => {
  const step = (id: string, start: number, what = 'Moved'): HistoryStep => ({
    what,
    forth: { recording: 'r', put: [region(id, start)], remove: [] },
    back: { recording: 'r', put: [region(id, start - 1)], remove: [] },
  })
  it('goes back, forth, and nowhere else after something new', () => {
    const history = createHistory()
    for (const [i, id] of ['a', 'b'].entries()) history.add(step(id, i))
    expect(history.undo()?.forth.put[0]?.id).toBe('b')
    expect(history.undo()?.forth.put[0]?.id).toBe('a')
    expect(history.undo()).toBeUndefined()
    expect(history.redo()?.forth.put[0]?.id).toBe('a')
    history.add(step('c', 3))
    expect(history.redo()).toBeUndefined()
    expect(history.undo()?.forth.put[0]?.id).toBe('c')
  })
  it('takes what a held key does as one step, a second press as another', () => {
    const history = createHistory()
    for (const [i, at] of [0, 300, 600, 3000].entries()) history.add(step('a', i), at)
    expect(history.undo()?.forth.put[0]?.start).toBe(3)
    const first = history.undo()
    expect([first?.back.put[0]?.start, first?.forth.put[0]?.start]).toEqual([-1, 2])
    expect(history.undo()).toBeUndefined()
  })
  it('holds the last hundred', () => {
    const history = createHistory()
    for (let i = 0; i < 150; i++) history.add(step(String(i), i))
    let count = 0
    while (history.undo()) count++
    expect(count).toBe(100)
  })
})

it('says one region by its name and several by their number', () => {
  expect(sayRegions([region('a')])).toBe('“a”')
  expect(sayRegions([region('a', 0, '')])).toBe('a region')
  expect(sayRegions([region('a'), region('b')])).toBe('2 regions')
})
