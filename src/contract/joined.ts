import { edgeAt, outputOf, type TimeGrid } from './grid.ts'
import type { CharacterCard, LabelCard, Run } from './run.ts'
import type { Range } from './tensor.ts'
import type { Window } from './windows.ts'
import type { WordCard } from './words.ts'

/** What the windows of a long region say, as one text on the time axis (docs/windows.md). */

/** A window with its run, null while there is none; `words` where a decoder's have times. */
export interface WindowRun {
  window: Pick<Window, 'shown'>
  run: Pick<Run, 'region' | 'grids' | 'result'> | null
  words?: readonly WordCard[] | null
}

/** `window`: which of the windows it was said in, from 0 on; seconds of the recording. */
export type JoinedWord = Omit<WordCard, 'tokens'> & { window: number }
export type JoinedCharacter = CharacterCard & { window: number }

export interface JoinedWindow {
  shown: Range
  /** null where it has not run, or says nothing in words */
  text: string | null
  /** the greatest first; null where there are none */
  labels: LabelCard[] | null
  ran: boolean
}

export interface Joined {
  /** of all windows that ran; null where they have none */
  text: string | null
  words: JoinedWord[] | null
  characters: JoinedCharacter[] | null
  windows: JoinedWindow[]
}

/** seconds that are the same moment */
const same = 1e-6

/** The steps on audio whose centres lie in what a window shows, half-open; at an end without context, all there are. */
export const stepsShown = (grid: TimeGrid, region: Range, shown: Range): Range => {
  const from = (seconds: number): number =>
    Math.min(grid.valid, Math.max(0, Math.ceil((seconds - grid.start) / grid.step - same)))
  const first = shown[0] > region[0] + same ? from(shown[0]) : 0
  return [first, shown[1] < region[1] - same ? Math.max(first, from(shown[1])) : grid.valid]
}

/** Whether something belongs to what a window shows: its middle lies there, or beyond an end without context. */
export const isShown = ({ start, end }: { start: number; end: number }, region: Range, shown: Range): boolean => {
  const middle = (start + end) / 2
  const after = shown[0] <= region[0] + same || middle >= shown[0] - same
  return after && (shown[1] >= region[1] - same || middle < shown[1] - same)
}

export const joinWindows = (parts: readonly WindowRun[]): Joined => {
  const characters = joinCharacters(parts)
  const kept = parts.map(({ window: { shown }, run, words }) =>
    run && words ? words.map((word) => isShown(word, run.region, shown)) : null,
  )
  const words = parts.flatMap(({ words }, window) =>
    (words ?? [])
      .filter((_, i) => kept[window]?.[i])
      .map(({ text, start, end, probability }) => ({ text, start, end, probability, window })),
  )
  const texts = parts.map(({ run, words }, window) => {
    if (!run || run.result.text === null) return null
    if (run.result.characters) return textOf(characters.filter((one) => one.window === window)).trim()
    return words ? textWithin(run.result.text, words, kept[window]!) : run.result.text.trim()
  })
  const said = texts.filter((text) => text !== null)
  const some = (of: (part: WindowRun) => unknown): boolean => parts.some(of)
  const hasCharacters = some(({ run }) => run?.result.characters)
  return {
    text: said.length === 0 ? null : hasCharacters ? textOf(characters).trim() : said.filter(Boolean).join(' '),
    words: some(({ words }) => words) ? words : null,
    characters: hasCharacters ? characters : null,
    windows: parts.map(({ window: { shown }, run }, i) => ({
      shown,
      text: texts[i] ?? null,
      labels: run?.result.labels?.items.toSorted((a, b) => b.score - a.score) ?? null,
      ran: run !== null,
    })),
  }
}

const textOf = (characters: readonly CharacterCard[]): string => characters.map(({ text }) => text).join('')

/** The part of a window's text that its kept words make up, with the spaces and signs between them. */
const textWithin = (text: string, words: readonly WordCard[], kept: readonly boolean[]): string => {
  if (kept.every(Boolean)) return text.trim()
  let [from, to, at] = [-1, 0, 0]
  words.forEach((word, i) => {
    const found = text.indexOf(word.text, at)
    if (found < 0) return
    at = found + word.text.length
    if (!kept[i]) return
    if (from < 0) from = found
    to = at
  })
  return from < 0 ? '' : text.slice(from, to)
}

/**
 * Characters over the steps that each window shows, as if the head's rows were one sequence: a context's steps are dropped, and a character
 * that the last step of a window and the first of the next agree on is one. Its probability is the mean over the
 * steps in the window that heard them; over both, by their steps, where it is of two.
 */
const joinCharacters = (parts: readonly WindowRun[]): JoinedCharacter[] => {
  const joined: (JoinedCharacter & { steps: number })[] = []
  /** the window that begins where the last character ends */
  let next = -1
  for (const [window, { window: shows, run }] of parts.entries()) {
    if (!run?.result.characters) continue
    const grid = outputOf(run.grids)
    const shown = stepsShown(grid, run.region, shows.shown)
    const stepOf = (seconds: number): number => Math.round((seconds - grid.start) / grid.step + 0.5)
    for (const one of run.result.characters) {
      const [first, end] = [Math.max(shown[0], stepOf(one.start)), Math.min(shown[1], stepOf(one.end))]
      if (first >= end) continue
      const [last, steps] = [joined.at(-1), end - first]
      if (last && first === shown[0] && next === window && last.text === one.text) {
        last.end = edgeAt(grid, end)
        last.probability = (last.probability * last.steps + one.probability * steps) / (last.steps + steps)
        last.steps += steps
      } else joined.push({ ...one, start: edgeAt(grid, first), end: edgeAt(grid, end), window, steps })
      next = end === shown[1] ? window + 1 : -1
    }
  }
  return joined.map(({ text, start, end, probability, window }) => ({ text, start, end, probability, window }))
}
