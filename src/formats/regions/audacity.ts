import type { RegionRow } from '../../contract/regions.ts'
import { linesOf, oneLine, readHertz, readName, readNumber, readTimes, type ReadRegions } from './row.ts'

/**
 * Label tracks of Audacity: start, end and text, tab separated; a line that begins with a backslash has the frequencies of the one
 * before it, −1 where one is not known. Audacity 1.2 wrote marks as start and text.
 */
export const readAudacity = (text: string): ReadRegions => {
  const rows: RegionRow[] = []
  const problems: string[] = []
  let last: RegionRow | null = null
  linesOf(text).forEach((line, i) => {
    if (line.trim() === '') return
    const [first, second, ...rest] = line.split('\t')
    const wrong = (why: string): void => void problems.push(`line ${i + 1}: ${why}`)
    if (first?.trim() === '\\') {
      const [low, high] = [readHertz(second, 'low frequency'), readHertz(rest[0], 'high frequency')]
      if (typeof low === 'string') wrong(low)
      else if (typeof high === 'string') wrong(high)
      // of a row that was left out
      else if (last) Object.assign(last, { low, high })
      return
    }
    const isMark = rest.length === 0 && second !== undefined && /^[^\d.+-]/.test(second.trim())
    const times = isMark ? markAt(first) : readTimes(first, second)
    last = null
    if (typeof times === 'string') return wrong(times)
    last = {
      start: times[0],
      end: times[1],
      name: readName(isMark ? second : rest.join(' ')),
      low: null,
      high: null,
      more: [],
    }
    rows.push(last)
  })
  return { rows, problems, notes: [] }
}

const markAt = (text: string | undefined): [number, number] | string => {
  const at = readNumber(text, 'start')
  return typeof at === 'string' ? at : readTimes(text, text)
}

export const writeAudacity = (rows: readonly RegionRow[]): string =>
  rows
    .map(({ start, end, name, low, high }) => {
      const label = `${start.toFixed(6)}\t${end.toFixed(6)}\t${oneLine(name)}\n`
      const known = low !== null || high !== null
      return known ? `${label}\\\t${(low ?? -1).toFixed(6)}\t${(high ?? -1).toFixed(6)}\n` : label
    })
    .join('')
