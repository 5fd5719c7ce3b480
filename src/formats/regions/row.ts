import { longestName, type RegionRow } from '../../contract/regions.ts'

/** What was read of a file of regions: those that were understood, and a sentence for each row that was not. */
export interface ReadRegions {
  rows: RegionRow[]
  /** "line 3: …" */
  problems: string[]
  /** what else a person should know */
  notes: string[]
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A number as these files have it, with a point; or the sentence why it is none. */
export const readNumber = (text: string | undefined, what: string): number | string => {
  const cell = text?.trim() ?? ''
  if (cell === '') return `has no ${what}`
  if (/^[+-]?\d+,\d+$/.test(cell)) return `its ${what} has a decimal comma (${cell}); write ${cell.replace(',', '.')}`
  const value = decimal.test(cell) ? Number(cell) : NaN
  return Number.isFinite(value) ? value : `its ${what} is no number: ${cell.slice(0, 40)}`
}

/** Start and end in seconds, or the sentence why the row is left out. */
export const readTimes = (startText: string | undefined, endText: string | undefined): [number, number] | string => {
  const [start, end] = [readNumber(startText, 'start'), readNumber(endText, 'end')]
  if (typeof start === 'string') return start
  if (typeof end === 'string') return end
  if (start < 0) return `it starts at ${start} s, before the recording`
  if (end < start) return `it ends at ${end} s, before it starts at ${start} s`
  return [start, end]
}

/** A frequency that may be missing: empty, or below 0 as Audacity writes what is not known. */
export const readHertz = (text: string | undefined, what: string): number | null | string => {
  if ((text?.trim() ?? '') === '') return null
  const value = readNumber(text, what)
  return typeof value === 'number' && value < 0 ? null : value
}

/** One line without what would end it or break a table. */
export const oneLine = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- those are what is taken out
    .replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ')
    .trim()

export const readName = (text: string | undefined): string => oneLine(text ?? '').slice(0, longestName)

/** Seconds with at most 9 digits after the point, as short as they are: 1.5, 0.123456789. */
export const shortSeconds = (seconds: number): string => String(Number(seconds.toFixed(9)))

/** Lines without their ends, of any system. */
export const linesOf = (text: string): string[] => text.split(/\r\n|\r|\n/)

/** What stopped a reader; a text that runs through millions of lines ends in the engine's own limits. */
export const sentenceOf = (error: unknown): string =>
  error instanceof RangeError ? 'a text in it never ends' : (error as Error).message
