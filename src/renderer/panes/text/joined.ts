import { computed } from 'vue'
import { joinWindows, type Joined, type WindowRun } from '../../../contract/joined.ts'
import type { Range } from '../../../contract/tensor.ts'
import { engine } from '../../engine.ts'
import { useQuery } from '../../query.ts'
import type { Column } from '../column.ts'
import { alignmentOf } from '../row.ts'

/** More windows in view than this are shown by their texts: words would be too narrow to read, and each window's cost a question. */
const mostWithWords = 8

/** What stands at a stretch of time beside the window that is looked into: a word, all that a window says, or that it has not run. */
export interface Piece {
  kind: 'word' | 'text' | 'gap'
  text: string
  title: string
  stretch: Range
  /** within its window: looked at, it makes that the one that is looked into */
  moment: number
}

/** What the windows in view say, joined; nothing where the model hears the region at once. */
export const useJoined = (column: Column) => {
  const windows = column.windows
  const words = useQuery({
    name: 'words of windows',
    input: () => {
      if (windows.value.length > mostWithWords) return null
      const runs = windows.value.flatMap(({ run }) => (run?.result.tokens && alignmentOf(run) ? [run.id] : []))
      return runs.length > 0 ? runs : null
    },
    call: async (runs, options) => {
      const found = new Map<string, WindowRun['words']>()
      for (const run of runs) found.set(run, (await engine['runs.words']({ run }, options)).words)
      return found
    },
    identity: () => '',
  })
  const parts = computed((): WindowRun[] =>
    windows.value.map((window) => ({
      window,
      run: window.run,
      words: window.run && (words.value.value?.get(window.run.id) ?? null),
    })),
  )
  /** the same windows in view, panned, are not joined again: there may be hundreds */
  let last: { key: string; joined: Joined } | null = null
  const joined = computed((): Joined | null => {
    if (windows.value.length === 0) return null
    const key = JSON.stringify(
      parts.value.map(({ window, words }, i) => [window.shown, windows.value[i]!.run?.id, words !== null]),
    )
    if (last?.key !== key) last = { key, joined: joinWindows(parts.value) }
    return last.joined
  })
  /** stretches of windows that have not run, neighbours as one */
  const gaps = computed((): Piece[] => {
    const found: (Piece & { numbers: Range })[] = []
    for (const { number, run, shown } of windows.value) {
      if (run) continue
      const last = found.at(-1)
      if (last?.numbers[1] === number - 1) {
        last.numbers = [last.numbers[0], number]
        last.stretch = [last.stretch[0], shown[1]]
      } else
        found.push({
          kind: 'gap',
          text: '',
          title: '',
          stretch: [...shown],
          moment: shown[0],
          numbers: [number, number],
        })
    }
    return found.map(({ numbers: [first, last], ...gap }) => {
      const text = first === last ? `window ${first} has not run` : `windows ${first} to ${last} have not run`
      return { ...gap, text, title: text }
    })
  })
  /** of all windows but that which is looked into */
  const pieces = computed((): Piece[] => {
    const said = joined.value
    if (!said) return []
    const others = said.windows.flatMap(({ shown, text }, i): Piece[] => {
      const { number, looked } = windows.value[i]!
      if ((looked && windows.value[i]!.run) || !text) return []
      const own = said.words?.filter(({ window }) => window === i) ?? []
      const at = (start: number): number => Math.min(shown[1], Math.max(shown[0], start))
      if (own.length === 0)
        return [{ kind: 'text', text, title: `window ${number}: ${text}`, stretch: shown, moment: shown[0] }]
      return own.map(({ text, start, end }) => ({
        kind: 'word',
        text,
        title: `window ${number}: ${text}`,
        stretch: [start, end],
        moment: at(start),
      }))
    })
    return [...others, ...gaps.value]
  })
  /** what is in view, with a bar at each seam */
  const text = computed(() => {
    if (typeof joined.value?.text !== 'string') return null
    return joined.value.windows.map(({ text, ran }) => (ran ? (text ?? '') : '[not run]')).join(' | ')
  })
  return { joined, pieces, gaps, text, some: computed(() => windows.value.some(({ run }) => run !== null)) }
}
