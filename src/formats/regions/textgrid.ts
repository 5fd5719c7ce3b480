import type { RegionRow } from '../../contract/regions.ts'
import { oneLine, readName, readTimes, sentenceOf, shortSeconds, type ReadRegions } from './row.ts'

/**
 * TextGrids of Praat as text, long or short. Of such a file only free-standing numbers, quoted texts and flags in angle brackets count; all else
 * is comment (Praat's manual, "TextGrid file formats"), so both forms are read alike. Intervals without a text are what lies between.
 */

const token = /"((?:[^"]|"")*)"|!.*|<(\w+)>|(\S+)/g

/** The tokens in their order: numbers as they are written, texts with a quote before them. */
function* tokensOf(text: string): Generator<string> {
  for (const [, quoted, flag, word] of text.matchAll(token)) {
    if (quoted !== undefined) yield `"${quoted.replaceAll('""', '"')}`
    else if (flag !== undefined) yield `<${flag}>`
    // a unit may follow: 0s, 50%
    else if (word !== undefined && /^[+-]?\d/.test(word)) yield word.replace(/[^\d.,e+-]+$/i, '')
  }
}

export const readTextGrid = (text: string): ReadRegions => {
  const tokens = tokensOf(text)
  const next = (): string => {
    const { value, done } = tokens.next()
    if (done) throw new Error('the TextGrid ends before all of its tiers are there')
    return value
  }
  const nextText = (): string => {
    const value = next()
    if (!value.startsWith('"')) throw new Error(`the TextGrid has ${value.slice(0, 40)} where a text should stand`)
    return value.slice(1)
  }
  const count = (what: string): number => {
    const value = Number(next())
    if (!Number.isInteger(value) || value < 0) throw new Error(`the TextGrid does not say how many ${what} it has`)
    return value
  }
  if (nextText() !== 'ooTextFile' || nextText() !== 'TextGrid') throw new Error('this is no TextGrid of Praat')
  next() // start and end of the whole
  next()
  const read: ReadRegions = { rows: [], problems: [], notes: [] }
  if (next() !== '<exists>') return read
  const tiers = count('tiers')
  try {
    for (let i = 0; i < tiers; i++) {
      const kind = nextText()
      const tier = nextText()
      next()
      next()
      const isPoints = kind === 'TextTier'
      if (!isPoints && kind !== 'IntervalTier')
        throw new Error(`the TextGrid has a tier of a kind that is not known: ${kind}`)
      const items = count(isPoints ? 'points' : 'intervals')
      for (let n = 1; n <= items; n++) {
        const start = next()
        const times = readTimes(start, isPoints ? start : next())
        const name = readName(nextText())
        if (name === '' && !isPoints) continue
        if (typeof times === 'string')
          read.problems.push(
            `${isPoints ? 'point' : 'interval'} ${n} of tier ${oneLine(tier).slice(0, 60) || i + 1}: ${times}`,
          )
        else
          read.rows.push({ start: times[0], end: times[1], name, low: null, high: null, more: tierCell(tier, tiers) })
      }
    }
  } catch (error) {
    // what came before it is whole
    read.problems.push(sentenceOf(error))
  }
  return read
}

/** which of several tiers it stood in */
const tierCell = (tier: string, tiers: number): [string, string][] =>
  tiers > 1 && oneLine(tier) ? [['Tier', oneLine(tier).slice(0, 1000)]] : []

/** what has no name would be a gap */
const unnamed = 'region'

/** An interval tier; as many more as regions that overlap need, and a point tier for marks. `seconds`: the recording's length. */
export const writeTextGrid = (rows: readonly RegionRow[], { seconds }: { seconds: number }): string => {
  const sorted = [...rows].sort((a, b) => a.start - b.start || a.end - b.end)
  const tiers: RegionRow[][] = []
  for (const row of sorted.filter(({ start, end }) => end > start)) {
    const free = tiers.find((tier) => tier.at(-1)!.end <= row.start)
    if (free) free.push(row)
    else tiers.push([row])
  }
  const marks = sorted.filter(({ start, end }) => end === start)
  if (tiers.length === 0 && marks.length === 0) tiers.push([])
  const end = Math.max(seconds, ...sorted.map((row) => row.end))
  const bounds = `        xmin = 0\n        xmax = ${shortSeconds(end)}\n`
  const items = [
    ...tiers.map((tier, i) => {
      const intervals = withGaps(tier, end)
      const list = intervals.map(
        ({ start, end, name }, n) =>
          `        intervals [${n + 1}]:\n            xmin = ${shortSeconds(start)}\n            xmax = ${shortSeconds(end)}\n            text = ${quoted(name)}\n`,
      )
      const title = `        class = "IntervalTier"\n        name = "${i === 0 ? 'regions' : `regions ${i + 1}`}"\n`
      return `${title}${bounds}        intervals: size = ${intervals.length}\n${list.join('')}`
    }),
    ...(marks.length === 0 ? [] : [pointTier(marks, bounds)]),
  ]
  const head = `File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = ${shortSeconds(end)}\n`
  return `${head}tiers? <exists>\nsize = ${items.length}\nitem []:\n${items.map((item, i) => `    item [${i + 1}]:\n${item}`).join('')}`
}

const quoted = (text: string): string => `"${oneLine(text).replaceAll('"', '""')}"`

const pointTier = (marks: RegionRow[], bounds: string): string => {
  const list = marks.map(
    ({ start, name }, n) =>
      `        points [${n + 1}]:\n            number = ${shortSeconds(start)}\n            mark = ${quoted(name)}\n`,
  )
  return `        class = "TextTier"\n        name = "marks"\n${bounds}        points: size = ${marks.length}\n${list.join('')}`
}

/** The intervals of one tier from 0 to `end`, those between the regions without a text. */
const withGaps = (tier: RegionRow[], end: number): Pick<RegionRow, 'start' | 'end' | 'name'>[] => {
  const intervals: Pick<RegionRow, 'start' | 'end' | 'name'>[] = []
  let at = 0
  for (const row of tier) {
    if (row.start > at) intervals.push({ start: at, end: row.start, name: '' })
    intervals.push({ start: row.start, end: row.end, name: row.name || unnamed })
    at = row.end
  }
  if (at < end) intervals.push({ start: at, end, name: '' })
  return intervals
}
