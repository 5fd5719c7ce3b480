import type { Recording } from '../../contract/recording.ts'
import type { RegionRow } from '../../contract/regions.ts'
import { readAudacity, writeAudacity } from './audacity.ts'
import { readCsv, writeCsvTable } from './csv-table.ts'
import { readRaven, writeRaven } from './raven.ts'
import { sentenceOf, type ReadRegions } from './row.ts'
import { decodeText } from './text.ts'
import { readTextGrid, writeTextGrid } from './textgrid.ts'

/** Files of regions that other programs read and write. */

export const regionFormats = ['raven', 'audacity', 'textgrid', 'csv'] as const
export type RegionFormat = (typeof regionFormats)[number]

export const regionFormatTitles: Record<RegionFormat, string> = {
  raven: 'Raven selection table',
  audacity: 'Audacity labels',
  textgrid: 'Praat TextGrid',
  csv: 'CSV',
}

const endings: Record<RegionFormat, string> = {
  raven: '.selections.txt',
  audacity: '.labels.txt',
  textgrid: '.TextGrid',
  csv: '.csv',
}

const readers = { raven: readRaven, audacity: readAudacity, textgrid: readTextGrid, csv: readCsv }
const writers = { raven: writeRaven, audacity: writeAudacity, textgrid: writeTextGrid, csv: writeCsvTable }

/** bytes: a hundred thousand rows are a tenth of it */
const largest = 64 * 2 ** 20

/** Reads a file of any of the formats, told by its content, else by its name. Throws an Error with one sentence where nothing can be read. */
export const readRegionFile = (name: string, bytes: Uint8Array): ReadRegions & { format: RegionFormat } => {
  if (bytes.length > largest) throw new Error(`${name} is larger than 64 MB, which no list of regions is`)
  try {
    const text = decodeText(bytes)
    const format = formatOf(name, text)
    return { ...readers[format](text), format }
  } catch (error) {
    throw new Error(`${name} cannot be read: ${sentenceOf(error)}`, { cause: error })
  }
}

const formatOf = (name: string, text: string): RegionFormat => {
  const start = text.trimStart()
  const first = /^[^\r\n]*/.exec(start)![0].toLowerCase()
  if (first.includes('oobinaryfile')) throw new Error('it is a binary TextGrid; save it as a text file in Praat')
  if (first.includes('ootextfile')) return 'textgrid'
  const isCsv = /^"?start/.test(first)
  if (!isCsv && first.includes('\t') && /begin time \(s\)|end time \(s\)|selection\t/.test(first)) return 'raven'
  if (/^[+-]?[\d.,]+\t/.test(first) || first.startsWith('\\\t')) return 'audacity'
  if (/\.csv$/i.test(name) || /(^|[,;\t"])(start|end|begin|onset)/.test(first)) return 'csv'
  if (/\.textgrid$/i.test(name)) return 'textgrid'
  if (start === '') throw new Error('it is empty')
  throw new Error('it is no Raven table, Audacity labels, TextGrid or CSV with a header start,end,name')
}

/** The format that a file of this name is to have: labels.txt is Audacity's, any other text Raven's. */
export const formatOfName = (name: string): RegionFormat => {
  if (/\.textgrid$/i.test(name)) return 'textgrid'
  if (/\.csv$/i.test(name)) return 'csv'
  return /labels[^/\\]*\.txt$/i.test(name) ? 'audacity' : 'raven'
}

/** What the recording has to do with it. */
export type RegionsOf = Pick<Recording, 'name' | 'seconds' | 'rate' | 'channel'>

export const writeRegionFile = (format: RegionFormat, rows: readonly RegionRow[], of: RegionsOf): string =>
  writers[format](rows, of)

/** What a format keeps of regions: as they are once they were written and read again. */
export const rowsAsKept = (format: RegionFormat, rows: readonly RegionRow[], of: RegionsOf): RegionRow[] =>
  readers[format](writers[format](rows, of)).rows

/** "thunder.wav" → "thunder.selections.txt" */
export const regionFileName = (recording: string, format: RegionFormat): string =>
  recording.replace(/\.[^.]*$/, '') + endings[format]
