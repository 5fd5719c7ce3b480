import { describe, expect, test } from 'vitest'
import { joinWindows, stepsShown, type WindowRun } from '../../src/contract/joined.ts'
import type { CharacterCard, RunResult } from '../../src/contract/run.ts'
import type { Range } from '../../src/contract/tensor.ts'
import type { WordCard } from '../../src/contract/words.ts'

const nothing: RunResult = { text: null, tokens: null, language: null, characters: null, labels: null }
const grid = (start: number, count: number, step = 0.02) => ({ start, step, width: step, count, valid: count })

const part = (region: Range, shown: Range, result: Partial<RunResult>, words?: WordCard[]): WindowRun => {
  const encoder = grid(region[0] + 0.01, Math.round((region[1] - region[0]) / 0.02))
  return {
    window: { shown },
    run: { region, grids: { features: encoder, encoder }, result: { ...nothing, ...result } },
    ...(words ? { words } : {}),
  }
}
const word = (text: string, start: number, end: number): WordCard => ({
  text,
  start,
  end,
  probability: 0.5,
  tokens: [0, 1],
})
const character = (text: string, start: number, end: number, probability = 0.5): CharacterCard => ({
  text,
  start,
  end,
  probability,
})

test('the steps of a window are those whose centres it shows, each moment once', () => {
  const [before, after] = [stepsShown(grid(0.01, 150), [0, 3], [0, 2]), stepsShown(grid(1.01, 150), [1, 4], [2, 4])]
  expect(before).toEqual([0, 100])
  expect(after).toEqual([50, 150])
  // without a context all on audio, though the last centre lies past the end
  expect(stepsShown({ ...grid(0.04, 10, 0.1), valid: 9 }, [0, 0.9], [0, 0.9])).toEqual([0, 9])
})

describe('words', () => {
  const first = [word('one', 0, 4), word('two', 4, 10.2)]
  const last = [word('woe', 5, 9.5), word('three', 9.6, 11), word('four.', 11, 15)]
  const parts = [
    part([0, 10], [0, 10], { text: ' one two' }, first),
    part([5, 15], [10, 15], { text: ' woe, three four.' }, last),
  ]

  test('belong to the window that shows their middle, with their own times', () => {
    const joined = joinWindows(parts)
    expect(joined.words?.map(({ text, start, window }) => [text, start, window])).toEqual([
      ['one', 0, 0],
      ['two', 4, 0],
      ['three', 9.6, 1],
      ['four.', 11, 1],
    ])
    expect(joined.text).toBe('one two three four.')
    expect(joined.windows.map(({ text }) => text)).toEqual(['one two', 'three four.'])
  })

  test('a window without times gives its whole text, and one that has not run says so', () => {
    const joined = joinWindows([
      part([0, 10], [0, 10], { text: ' one two' }),
      { window: { shown: [10, 20] }, run: null },
    ])
    expect(joined).toMatchObject({ text: 'one two', words: null, characters: null })
    expect(joined.windows.map(({ ran, text }) => [ran, text])).toEqual([
      [true, 'one two'],
      [false, null],
    ])
  })
})

describe('characters', () => {
  const read = (...parts: WindowRun[]) => joinWindows(parts)
  test('what both windows hear at the seam is one, and a context is dropped', () => {
    const joined = read(
      part([0, 3], [0, 2], {
        text: 'AB',
        characters: [character('A', 0.02, 0.06), character('B', 1.96, 2.04, 0.9), character('X', 2.5, 2.6)],
      }),
      part([1, 4], [2, 4], {
        text: 'ABC',
        characters: [character('Y', 1.2, 1.3), character('B', 1.98, 2.06, 0.6), character('C', 3, 3.02)],
      }),
    )
    expect(joined.text).toBe('ABC')
    const [, seam] = joined.characters!
    expect(seam!.start).toBeCloseTo(1.96, 9)
    expect(seam!.end).toBeCloseTo(2.06, 9)
    // two of its steps before the seam, three after
    expect(seam!.probability).toBeCloseTo((2 * 0.9 + 3 * 0.6) / 5, 9)
    expect(joined.characters!.map(({ window }) => window)).toEqual([0, 0, 1])
  })

  test('two that a blank keeps apart, or a window between them, stay two', () => {
    const a = part([0, 3], [0, 2], { text: 'B', characters: [character('B', 1.9, 1.98)] })
    const b = part([1, 4], [2, 4], { text: 'B', characters: [character('B', 1.9, 2.1)] })
    expect(read(a, b).text).toBe('BB')
    const c = part([0, 3], [0, 2], { text: 'B', characters: [character('B', 1.9, 2.1)] })
    const d = part([3, 6], [4, 6], { text: 'B', characters: [character('B', 3.9, 4.1)] })
    expect(read(c, { window: { shown: [2, 4] }, run: null }, d).text).toBe('BB')
  })
})

test('labels stand by score', () => {
  const items = [
    { index: 0, label: 'rain', score: 0.2 },
    { index: 1, label: 'wind', score: 0.7 },
  ]
  const joined = joinWindows([part([0, 10], [0, 10], { labels: { scores: 'sigmoid', items } })])
  expect(joined.text).toBeNull()
  expect(joined.windows[0]!.labels!.map(({ label }) => label)).toEqual(['wind', 'rain'])
})
