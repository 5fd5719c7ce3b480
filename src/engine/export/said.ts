import type { Joined } from '../../contract/joined.ts'
import type { CsvField } from '../../formats/csv.ts'

/** What the windows of a region say, as rows with seconds of the recording. */

/** AudioSet has 527. */
export const mostLabels = 20

export const saidHeader = ['window', 'kind', 'text', 'start (s)', 'end (s)', 'probability']

/** Words or characters with their seconds; where there are none, each window's text; the first labels of each window by score. Windows count from 0. */
export const saidRows = ({ words, characters, windows }: Joined): CsvField[][] => {
  const timed = words ?? characters
  if (timed)
    return timed.map(({ window, text, start, end, probability }) => [
      window,
      words ? 'word' : 'character',
      text,
      milliseconds(start),
      milliseconds(end),
      probability,
    ])
  return windows.flatMap(({ shown, text, labels }, window): CsvField[][] => {
    const [start, end] = shown.map(milliseconds)
    if (labels)
      return labels
        .slice(0, mostLabels)
        .map(({ label, score }) => [window, 'label', label, start ?? null, end ?? null, score])
    return text === null ? [] : [[window, 'text', text, start ?? null, end ?? null, null]]
  })
}

export const milliseconds = (seconds: number): number => Number(seconds.toFixed(3))
